{{/* Names and labels are those of config/default, so that an installation by kustomize can be taken over. */}}

{{- define "sei.selectorLabels" -}}
control-plane: controller-manager
app.kubernetes.io/name: sei-k8s-controller
{{- end }}

{{- define "sei.labels" -}}
app.kubernetes.io/name: sei-k8s-controller
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Without rights in the whole cluster nobody can be asked who may read metrics: they are served by plain HTTP. */}}
{{- define "sei.metricsScheme" -}}
{{ if .Values.namespaces }}http{{ else }}https{{ end }}
{{- end }}

{{- define "sei.metricsPort" -}}
{{ if .Values.namespaces }}8080{{ else }}8443{{ end }}
{{- end }}

{{- define "sei.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "sei.serviceAccountSubject" -}}
- kind: ServiceAccount
  name: sei-k8s-controller-manager
  namespace: {{ .Release.Namespace }}
{{- end }}
