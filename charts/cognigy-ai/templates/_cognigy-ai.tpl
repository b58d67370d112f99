{{- define "common.computed" -}}
{{- end -}}

{{/* Is a replica ready: does it answer, with its database, behind the service's own name? */}}
{{- define "common.testCommand" -}}
{{- $scheme := .Values.tls.existingSecret | empty | ternary "http" "https" -}}
command:
  - python
  - -c
  - |
    import ssl, sys, urllib.request
    context = ssl._create_unverified_context()  # the certificate names the public host
    with urllib.request.urlopen(sys.argv[1], timeout=10, context=context) as answer:
        print(answer.status, answer.read().decode())
  - {{ printf "%s://%s-app:%s/health/readiness" $scheme (include "common.fullname" .) (include "common.text" .Values.service.port) }}
{{- end -}}

{{- define "common.next" -}}
{{- $plain := include "common.plain" . | fromYaml -}}
On the side of Live Agent:
  COGNIGY_OAUTH_SITE       {{ $plain.BACKEND_BASE_URL_WITH_PROTOCOL }}
  COGNIGY_OAUTH_CLIENT_ID  {{ $plain.CLIENT_ID_COGNIGY_LIVE_AGENT }}

The first organisation and its admin (prints a link for the password):
  kubectl exec -n {{ .Release.Namespace }} deploy/{{ include "common.fullname" . }}-app -- cognigy-ai organisations create "Acme"
  kubectl exec -n {{ .Release.Namespace }} deploy/{{ include "common.fullname" . }}-app -- cognigy-ai users create ada@acme.example --organisation ID --name Ada --role admin

Does it answer?  helm test {{ .Release.Name }} -n {{ .Release.Namespace }} --logs
{{- end -}}
