// SPDX-License-Identifier: Apache-2.0
// The lines that point programs at an emulator, for each language and tool. Knows no page.

import type { Info } from "../link/records.js";

/** Lines to copy. */
interface Recipe {
  /** The language or tool. Required. */
  readonly title: string;
  /** The lines. Required. */
  readonly text: string;
  /** What else matters. Default: nothing. */
  readonly note?: string;
}

const FILE = "./service_account.json";

/** The lines for an emulator. */
export function connectionRecipes({ url, listeners }: Info): readonly Recipe[] {
  const urlOf = (name: string) => listeners.find((listener) => listener.name === name)?.url ?? url;
  const hostOf = (name: string) => urlOf(name).replace(/^https?:\/\//, "");
  const isSecure = url.startsWith("https:");
  const port = /:(\d+)$/.exec(hostOf("http"))?.[1] ?? "8519";
  const trust = isSecure ? "export NODE_EXTRA_CA_CERTS=./emulator-ca.pem\n" : "";
  return [
    {
      title: "iam-credentials-client and iamcreds",
      text: isSecure
        ? `${trust}# and the option apiEndpoint: "${hostOf("grpc")}"`
        : `export IAM_CREDENTIALS_EMULATOR_HOST=${hostOf("grpc")}`,
    },
    {
      title: "Node.js, Go, Java, Python: a credentials file",
      text: `export GOOGLE_APPLICATION_CREDENTIALS=${FILE}`,
      note: "Download one under Service Accounts, Details: its URLs point to the emulator.",
    },
    {
      title: "A workload identity file (external_account)",
      text: `export GOOGLE_APPLICATION_CREDENTIALS=./external_account.json\nexport GOOGLE_CLOUD_PROJECT=my-project`,
      note: "Set the project, too: otherwise Node’s library asks Google for it.",
    },
    {
      title: "A machine on Google Cloud: the metadata server",
      text: `export GCE_METADATA_HOST=${hostOf("metadataServer")}\nexport GCE_METADATA_IP=${hostOf("metadataServer")}`,
      note: "The second variable is for Python.",
    },
    {
      title: "Python, google-auth",
      text: `from google.auth import default\ncredentials, project = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])`,
    },
    {
      title: "Go, a client’s options",
      text: `option.WithEndpoint("${urlOf("http")}"), option.WithCredentialsFile("${FILE}")`,
    },
    {
      title: "curl",
      text: `curl ${isSecure ? "--cacert emulator-ca.pem " : ""}-H 'Authorization: Bearer owner' ${urlOf("http")}/v1/projects/my-project/serviceAccounts`,
    },
    {
      title: "gcloud",
      text: `gcloud config set api_endpoint_overrides/iam ${urlOf("http")}/\ngcloud config set api_endpoint_overrides/iamcredentials ${urlOf("http")}/`,
    },
    {
      title: "docker",
      text: `docker run -e GCE_METADATA_HOST=host.docker.internal:${port} --add-host host.docker.internal:host-gateway IMAGE`,
      note: "For containers, the emulator must listen on an address other than loopback: --host 0.0.0.0.",
    },
    {
      title: "kubectl",
      text: `kubectl set env deployment/NAME GCE_METADATA_HOST=iam-emulator:${port}`,
      note: "With a Service iam-emulator in front of the emulator’s Pod, and its name in --allowed-host.",
    },
  ];
}
