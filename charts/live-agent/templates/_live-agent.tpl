{{/* FRONTEND_URL as installations have always written it: an override, or the ingress's first host. */}}
{{- define "common.computed" -}}
{{- $host := .Values.frontendUrlOverride -}}
{{- if and (not $host) .Values.ingress.hosts -}}{{- $host = (first .Values.ingress.hosts).host -}}{{- end -}}
{{- if $host -}}
FRONTEND_URL: {{ printf "%s://%s" .Values.urlProtocol $host | quote }}
{{- end -}}
{{- end -}}

{{/* Both systems are asked and compared value by value. */}}
{{- define "common.testCommand" -}}
args: [doctor]
{{- end -}}

{{- define "common.next" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
On the side of Cognigy.AI these must be the same:
  REDIRECT_URI_COGNIGY_LIVE_AGENT               {{ $plain.FRONTEND_URL }}/omniauth/cognigy/callback
  COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL  {{ $plain.FRONTEND_URL }}
  CLIENT_ID_COGNIGY_LIVE_AGENT                  {{ $plain.COGNIGY_OAUTH_CLIENT_ID }}

Both systems compared, value by value:  helm test {{ .Release.Name }} -n {{ .Release.Namespace }} --logs
{{- end -}}
