import { installation } from "../src/cli/installation.ts";
import { type Manifest, yamlOf } from "../src/cli/manifest.ts";

/** Values that stand in the manifests where the chart has a template; no manifest has such a word by itself. */
const MARKS = { namespace: "zz-namespace", city: "zz-city", image: "zz-image", dolt: "zz-dolt", beads: "zz-beads" };
const CLASS = "zz-class";

/** What takes the place of a mark, the first that matches. A whole scalar is quoted: a city may be called `123`. */
const TEMPLATES: [RegExp, string][] = [
  [
    /^( *)storageClassName: zz-class$/gm,
    "$1{{- with .Values.storageClass }}\n$1storageClassName: {{ . | quote }}\n$1{{- end }}",
  ],
  [/^( *)app.kubernetes.io\/managed-by: gc-k8s$/gm, "$1app.kubernetes.io/managed-by: {{ .Release.Service | quote }}"],
  [/: zz-city$/gm, ": {{ .Values.city | quote }}"],
  [/: zz-namespace$/gm, ": {{ .Release.Namespace | quote }}"],
  [/: zz-image$/gm, ': {{ .Values.image | default "gc-k8s:latest" | quote }}'],
  [/: zz-dolt$/gm, ": {{ .Values.doltImage | quote }}"],
  [/: zz-beads$/gm, ": {{ .Values.beadsImage | quote }}"],
  [/zz-city/g, "{{ .Values.city }}"],
];

const HEAD = "# Made from deploy/ by npm run docs.\n";

const PASSWORD = `${HEAD}{{- if .Values.shared }}
{{- $found := lookup "v1" "Secret" .Release.Namespace "dolt" }}
apiVersion: v1
kind: Secret
metadata:
  name: dolt
  namespace: {{ .Release.Namespace | quote }}
  labels:
    app.kubernetes.io/name: dolt
    app.kubernetes.io/part-of: gc-k8s
    app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
  annotations:
    # The volume of before knows the password of before.
    helm.sh/resource-policy: keep
type: Opaque
data:
  password: {{ if $found }}{{ $found.data.password }}{{ else }}{{ randAlphaNum 32 | b64enc }}{{ end }}
{{- end }}
`;

const VALUES = `${HEAD}
# The city: lower-case letters, digits and '-'. Another city of the namespace is another release, with shared: false.
city: default
# Rights, network policies and Dolt, which the cities of a namespace share.
shared: true
# Image that holds gc-k8s, for the clean-up of beads, events and pods; without one it is suspended.
image: ""
doltImage: dolthub/dolt:2.2.0
# Image of the beads runner, for a clean-up that finds none.
beadsImage: gc-beads:latest
# Storage class of Dolt's volumes; empty = the cluster's default.
storageClass: ""
`;

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    city: { type: "string", pattern: "^[a-z0-9]([-a-z0-9]{0,23}[a-z0-9])?$" },
    shared: { type: "boolean" },
    image: { type: "string" },
    doltImage: { type: "string", minLength: 1 },
    beadsImage: { type: "string" },
    storageClass: { type: "string" },
    global: { type: "object" },
  },
};

/** Every file of the Helm chart by its path in the repository. */
export function chartFiles(): [string, string][] {
  const objects = chartObjects();
  const ofCity = (object: Manifest) => object.metadata.annotations !== undefined;
  const shared = template(objects.filter((object) => !ofCity(object)));
  const files: Record<string, string> = {
    "Chart.yaml": `${HEAD}apiVersion: v2\nname: gc-k8s\ndescription: What a Gas City needs on Kubernetes\ntype: application\nversion: 0.1.0\nkubeVersion: ">=1.30.0-0"\n`,
    "values.yaml": VALUES,
    "values.schema.json": `${JSON.stringify(SCHEMA, null, 2)}\n`,
    "templates/shared.yaml": `${HEAD}{{- if .Values.shared }}\n${shared}{{- end }}\n`,
    "templates/city.yaml": HEAD + template(objects.filter(ofCity)),
    "templates/dolt-password.yaml": PASSWORD,
  };
  return Object.entries(files).map(([path, text]) => [`charts/gc-k8s/${path}`, text]);
}

/** Helm makes the namespace and keeps its own records. */
function chartObjects(): Manifest[] {
  const { namespace, city, image, dolt, beads } = MARKS;
  const images = { "gc-k8s": image, "dolthub/dolt": dolt, "gc-beads": beads };
  return installation({ namespace, city }, { images, storageClass: CLASS }).filter(
    ({ kind, metadata }) => kind !== "Namespace" && !/^gc-k8s-(city|parameters)/.test(metadata.name),
  );
}

function template(objects: Manifest[]): string {
  const text = yamlOf(objects.map(suspendable));
  if (text.includes("{{"))
    throw new Error("Cannot make the chart: a manifest holds what Helm would take for a template");
  const made = TEMPLATES.reduce((all, [mark, with_]) => all.replace(mark, with_), text);
  return made.replace(/^( *)suspend: null$/gm, "$1suspend: {{ not .Values.image }}");
}

/** What runs our own image does not run without one. */
function suspendable(object: Manifest): Manifest {
  if (object.kind !== "CronJob" || !JSON.stringify(object).includes(`"${MARKS.image}"`)) return object;
  return { ...object, spec: { ...(object["spec"] as object), suspend: null } };
}
