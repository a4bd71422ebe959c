// SPDX-License-Identifier: Apache-2.0
// Google's HTTP client for Java, Debian's version of it, under what its generated REST clients are made of: it compresses the bodies of
// requests unless told otherwise, and has answers compressed. Reports its checks in the Test Anything Protocol.

import com.google.api.client.http.ByteArrayContent;
import com.google.api.client.http.GZipEncoding;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpContent;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.javanet.NetHttpTransport;
import java.util.Base64;

class RestClient {
  static final String URL = "http://" + System.getenv("PLAIN");
  static final String TARGET = "/v1/projects/-/serviceAccounts/target@demo-project.iam.gserviceaccount.com";
  static int count = 0;
  static int failed = 0;

  interface Check {
    void run() throws Exception;
  }

  static void check(String title, Check body) {
    count++;
    try {
      body.run();
      System.out.println("ok " + count + " - " + title);
    } catch (Throwable error) {
      failed++;
      System.out.println("not ok " + count + " - " + title + "\n# " + error);
    }
  }

  static void expect(boolean holds, Object what) {
    if (!holds) throw new AssertionError(String.valueOf(what));
  }

  static HttpResponse send(String method, String path, String body, String override) throws Exception {
    HttpContent content = body == null ? null : ByteArrayContent.fromString("application/json", body);
    HttpRequest request =
        new NetHttpTransport().createRequestFactory().buildRequest(method, new GenericUrl(URL + path), content);
    request.getHeaders().setAuthorization("Bearer " + System.getenv("PLAIN_TOKEN"));
    if (override != null) request.getHeaders().set("X-HTTP-Method-Override", override);
    if (content != null) request.setEncoding(new GZipEncoding()); // the default of AbstractGoogleClientRequest
    return request.setThrowExceptionOnExecuteError(false).setConnectTimeout(20000).setReadTimeout(20000).execute();
  }

  public static void main(String[] args) {
    check("a compressed body is read", () -> {
      String payload = Base64.getEncoder().encodeToString(new byte[3000]);
      HttpResponse response = send("POST", TARGET + ":signBlob", "{\"payload\":\"" + payload + "\"}", null);
      String text = response.parseAsString();
      expect(response.getStatusCode() == 200 && text.contains("signedBlob"), text);
    });
    check("a long answer comes compressed", () -> {
      HttpResponse response = send("GET", "/v1/roles?view=FULL", null, null);
      expect("gzip".equals(response.getContentEncoding()), response.getContentEncoding());
      expect(response.parseAsString().contains("roles/iam.serviceAccountTokenCreator"), "the roles");
    });
    check("a refusal is read as JSON", () -> {
      HttpResponse response = send("POST", TARGET + ":signBlob", "{\"payload\":7}", null);
      expect(response.getStatusCode() == 400 && response.parseAsString().contains("INVALID_ARGUMENT"), response.getStatusCode());
    });
    check("PATCH, which its transport can't send, goes as POST with the method in a header", () -> {
      String body = "{\"serviceAccount\":{\"displayName\":\"Java\"},\"updateMask\":\"displayName\"}";
      HttpResponse response = send("POST", TARGET.replace("/-/", "/demo-project/"), body, "PATCH");
      expect(response.parseAsString().contains("Java"), response.getStatusCode());
    });
    System.out.println("1.." + count);
    System.exit(failed == 0 ? 0 : 1);
  }
}
