//! `kubectl apply --server-side`: who owns what, conflicts, and what is taken over from an apply on this side.

use super::Terminal;
use expect_test::expect;

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n";
const CONFIG: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: \"1\"\n  b: \"2\"\n";

#[test]
fn fields_have_owners() {
    let mut terminal = Terminal::new(&[
        ("web.yaml", WEB),
        ("two.yaml", &WEB.replace("replicas: 1", "replicas: 2").replace("1.25", "1.27")),
        ("free.yaml", &WEB.replace("  replicas: 1\n", "")),
        ("a.yaml", CONFIG),
        ("b.yaml", &CONFIG.replace("  b: \"2\"\n", "")),
    ]);
    terminal.check(
        &[
            "kubectl apply --server-side -f web.yaml -f a.yaml",
            "kubectl apply --server-side -f web.yaml",
            "kubectl scale deploy web --replicas=3",
            "kubectl set image deploy web web=nginx:1.26",
            "kubectl apply --server-side -f two.yaml",
            "kubectl apply --server-side -f two.yaml --field-manager=other",
            "kubectl apply --server-side -f two.yaml --force-conflicts",
            "kubectl get deploy web -o jsonpath='{.spec.replicas} {range .metadata.managedFields[*]}{.manager}/{.operation} {end}' | head -1",
            "kubectl apply --server-side -f free.yaml --force-conflicts",
            "kubectl get deploy web -o jsonpath='{.spec.replicas}' | head -1",
            "kubectl apply --server-side -f b.yaml",
            "kubectl get cm settings -o yaml --show-managed-fields | grep -v 'uid\\|time\\|resourceVersion'",
            "kubectl apply --server-side --dry-run=client -f a.yaml",
        ],
        expect![[r#"
            $ kubectl apply --server-side -f web.yaml -f a.yaml
            deployment.apps/web serverside-applied
            configmap/settings serverside-applied
            $ kubectl apply --server-side -f web.yaml
            deployment.apps/web serverside-applied
            $ kubectl scale deploy web --replicas=3
            deployment.apps/web scaled
            $ kubectl set image deploy web web=nginx:1.26
            deployment.apps/web image updated
            $ kubectl apply --server-side -f two.yaml
            ! error: Apply failed with 2 conflicts: conflicts with "kubectl" with subresource "scale" using apps/v1:
            ! - .spec.replicas
            ! conflicts with "kubectl-set" using apps/v1:
            ! - .spec.template.spec.containers[name="web"].image
            ! Please review the fields above--they currently have other managers. Here
            ! are the ways you can resolve this warning:
            ! * If you intend to manage all of these fields, please re-run the apply
            !   command with the `--force-conflicts` flag.
            ! * If you do not intend to manage all of the fields, please edit your
            !   manifest to remove references to the fields that should keep their
            !   current managers.
            ! * You may co-own fields by updating your manifest to match the existing
            !   value; in this case, you'll become the manager if the other manager(s)
            !   stop managing the field (remove it from their configuration).
            ! See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
            = 1
            $ kubectl apply --server-side -f two.yaml --field-manager=other
            ! error: Apply failed with 2 conflicts: conflicts with "kubectl" with subresource "scale" using apps/v1:
            ! - .spec.replicas
            ! conflicts with "kubectl-set" using apps/v1:
            ! - .spec.template.spec.containers[name="web"].image
            ! Please review the fields above--they currently have other managers. Here
            ! are the ways you can resolve this warning:
            ! * If you intend to manage all of these fields, please re-run the apply
            !   command with the `--force-conflicts` flag.
            ! * If you do not intend to manage all of the fields, please edit your
            !   manifest to remove references to the fields that should keep their
            !   current managers.
            ! * You may co-own fields by updating your manifest to match the existing
            !   value; in this case, you'll become the manager if the other manager(s)
            !   stop managing the field (remove it from their configuration).
            ! See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
            = 1
            $ kubectl apply --server-side -f two.yaml --force-conflicts
            deployment.apps/web serverside-applied
            $ kubectl get deploy web -o jsonpath='{.spec.replicas} {range .metadata.managedFields[*]}{.manager}/{.operation} {end}' | head -1
            2 kubectl/Apply 
            $ kubectl apply --server-side -f free.yaml --force-conflicts
            deployment.apps/web serverside-applied
            $ kubectl get deploy web -o jsonpath='{.spec.replicas}' | head -1
            1
            $ kubectl apply --server-side -f b.yaml
            configmap/settings serverside-applied
            $ kubectl get cm settings -o yaml --show-managed-fields | grep -v 'uid\|time\|resourceVersion'
            apiVersion: v1
            data:
              a: "1"
            kind: ConfigMap
            metadata:
              creationTimestamp: "2026-11-24T12:00:00Z"
              managedFields:
              - apiVersion: v1
                fieldsType: FieldsV1
                fieldsV1:
                  f:data:
                    f:a: {}
                manager: kubectl
                operation: Apply
              name: settings
              namespace: shop
            $ kubectl apply --server-side --dry-run=client -f a.yaml
            ! error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)
            = 1
        "#]],
    );
}

#[test]
fn an_apply_on_this_side_is_taken_over() {
    let mut terminal = Terminal::new(&[("a.yaml", CONFIG), ("b.yaml", &CONFIG.replace("  b: \"2\"\n", ""))]);
    terminal.check(
        &[
            "kubectl apply -f a.yaml",
            "kubectl apply --server-side -f b.yaml",
            "kubectl get cm settings -o jsonpath='{.data} {range .metadata.managedFields[*]}{.manager}/{.operation} {end}' | head -1",
            "kubectl apply -f a.yaml",
        ],
        expect![[r#"
            $ kubectl apply -f a.yaml
            configmap/settings created
            $ kubectl apply --server-side -f b.yaml
            configmap/settings serverside-applied
            $ kubectl get cm settings -o jsonpath='{.data} {range .metadata.managedFields[*]}{.manager}/{.operation} {end}' | head -1
            {"a":"1"} kubectl/Apply kubectl-last-applied/Apply 
            $ kubectl apply -f a.yaml
            configmap/settings configured
        "#]],
    );
}
