{{/* Where the environment lies. The migration runs before anything else of a release is there, so it has copies. */}}

{{- define "common.configmap" -}}
{{- include "common.check" . -}}
{{- $plain := include "common.plain" . -}}
{{- range list "" "-migration" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.fullname" $ }}-environment{{ . }}
  {{- include "common.metadata" $ | nindent 2 }}
  {{- if . }}
  {{- include "common.hook" "-10" | nindent 2 }}
  {{- end }}
data:
  {{- range $key, $value := fromYaml $plain }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "common.secret" -}}
{{- $own := include "common.ownSecrets" . | fromYaml -}}
{{- if $own -}}
{{- range list "" "-migration" }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "common.fullname" $ }}-environment{{ . }}
  {{- include "common.metadata" $ | nindent 2 }}
  {{- if . }}
  {{- include "common.hook" "-10" | nindent 2 }}
  {{- end }}
type: Opaque
stringData:
  {{- range $key, $value := $own }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "common.hook" -}}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* Names the pods read from: (dict "top" . "end" "" or "-migration") */}}
{{- define "common.sources" -}}
{{- $name := printf "%s-environment%s" (include "common.fullname" .top) .end -}}
{{- dict "configmap" $name "secret" $name | toYaml -}}
{{- end -}}
