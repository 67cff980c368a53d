//! The texts that are measured.

/// One Deployment, as JSON.
pub(crate) fn deployment(pods: u32) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web","namespace":"default"}},"spec":{{"replicas":{pods},
"selector":{{"matchLabels":{{"app":"web"}}}},"template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[
{{"name":"web","image":"nginx:1.25","ports":[{{"containerPort":80}}]}}]}}}}}}}}"#
    )
}

/// A Service and the same Deployment.
pub(crate) fn with_service(pods: u32) -> String {
    let service = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{
"selector":{"app":"web"},"ports":[{"port":80}]}}"#;
    format!("{service}\n---\n{}", deployment(pods))
}

/// So many Deployments, each as a team might write it: 1,000 of them are 686 kB.
pub(crate) fn deployments(count: u32) -> String {
    (0..count).map(|n| DEPLOYMENT.replace("NNNN", &format!("{n:04}"))).collect()
}

/// One of them; the number takes the place of `NNNN`.
const DEPLOYMENT: &str = r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-NNNN
  labels:
    app: service-NNNN
spec:
  replicas: 3
  selector:
    matchLabels:
      app: service-NNNN
  template:
    metadata:
      labels:
        app: service-NNNN
    spec:
      containers:
      - name: server
        image: registry.example.com/platform/service-NNNN:1.25.3
        ports:
        - containerPort: 8080
        env:
        - name: LOG_LEVEL
          value: "info"
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
          limits:
            memory: 256Mi
        readinessProbe:
          httpGet:
            path: /ready
            port: 8080
"#;
