{{- define "common.notes" -}}
{{- $about := include "common.about" . | fromYaml -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is installed as {{ include "common.fullname" . }}-app in {{ .Release.Namespace }}.
{{ range include "common.hosts" . | fromYamlArray }}
  https://{{ . }}
{{- end }}

{{ include "common.next" . | trim }}
{{- if and (include "common.on" .Values.ingress.enabled) (not .Values.ingress.tls) }}

ingress.tls is empty, so this Ingress asks for no certificate and redirects nobody from http. Name one there,
unless something in front of it ends TLS: every address above is https.
{{- end }}
{{- $secrets := include "common.ownSecrets" . | fromYaml }}
{{- if $secrets }}

Written in clear text into values, and now in the secret {{ include "common.fullname" . }}-environment: {{ keys $secrets | sortAlpha | join ", " }}.
Better: secrets of yours, named in existingSecret.
{{- end }}
{{- $unused := list }}
{{- range $path, $why := $about.unusedValues }}
{{- if include "common.given" (dict "values" $.Values "path" $path) }}
{{- $unused = append $unused (printf "%s: %s" $path $why) }}
{{- end }}
{{- end }}
{{- range $key, $given := get .Values $about.environment }}
{{- $why := get $about.unusedKeys $key }}
{{- range $pattern, $reason := $about.unusedPatterns }}
{{- if regexMatch $pattern $key }}{{- $why = $reason }}{{- end }}
{{- end }}
{{- if and $why (include "common.text" $given) }}
{{- $unused = append $unused (printf "%s.%s: %s" $about.environment $key $why) }}
{{- end }}
{{- end }}
{{- if $unused }}

Accepted, but not used:
{{- range $unused }}
  {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Is anything written at the path, be it a map or a list? */}}
{{- define "common.given" -}}
{{- $at := .values -}}
{{- range splitList "." .path -}}
{{- if kindIs "map" $at -}}{{- $at = get $at . -}}{{- else -}}{{- $at = "" -}}{{- end -}}
{{- end -}}
{{- if $at -}}yes{{- end -}}
{{- end -}}
