//! Files: apply, create, delete, and what is said of those that are wrong.

use super::Terminal;
use expect_test::expect;

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels: {app: web}\ndata:\n  mode: fast\n  level: \"3\"\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n  - port: 80\n";

#[test]
fn what_is_applied_twice_is_unchanged() {
    let mut terminal = Terminal::new(&[
        ("a.yaml", CONFIG),
        ("b.yaml", &CONFIG.replace("  level: \"3\"\n", "  more: \"1\"\n")),
    ]);
    terminal.check(
        &[
            "kubectl apply -f a.yaml",
            "kubectl apply -f a.yaml",
            "kubectl patch cm settings -p '{\"data\":{\"own\":\"x\"}}'",
            "kubectl apply -f b.yaml",
            "kubectl get cm settings -o yaml | grep -v uid | grep -v resourceVersion",
        ],
        expect![[r#"
            $ kubectl apply -f a.yaml
            configmap/settings created
            $ kubectl apply -f a.yaml
            configmap/settings unchanged
            $ kubectl patch cm settings -p '{"data":{"own":"x"}}'
            configmap/settings patched
            $ kubectl apply -f b.yaml
            configmap/settings configured
            $ kubectl get cm settings -o yaml | grep -v uid | grep -v resourceVersion
            apiVersion: v1
            data:
              mode: fast
              more: "1"
              own: x
            kind: ConfigMap
            metadata:
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: |
                  {"apiVersion":"v1","data":{"mode":"fast","more":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"labels":{"app":"web"},"name":"settings","namespace":"shop"}}
              creationTimestamp: "2026-11-24T12:00:00Z"
              labels:
                app: web
              name: settings
              namespace: shop
        "#]],
    );
}

#[test]
fn documents_are_applied_one_by_one() {
    let mixed = format!("{CONFIG}---\n{}---\n{SERVICE}", CONFIG.replace("ConfigMap", "ConfigMop"));
    let broken = format!("{CONFIG}---\nkind: [\n---\n{SERVICE}");
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: one}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: two}\n";
    let mut terminal = Terminal::new(&[
        ("mixed.yaml", &mixed),
        ("broken.yaml", &broken),
        ("list.yaml", list),
        ("dir/one.yaml", CONFIG),
        ("dir/two.yml", SERVICE),
        ("dir/notes.txt", "nothing"),
        ("scalar.yaml", "nginx\n"),
        ("nothing.yaml", "# only a comment\n"),
        ("no-kind.yaml", "apiVersion: v1\nmetadata: {name: a}\n"),
        ("number.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 123}\n"),
        ("elsewhere.yaml", &CONFIG.replace("name: settings", "name: settings\n  namespace: nowhere")),
    ]);
    terminal.check(
        &[
            "kubectl apply -f mixed.yaml",
            "kubectl apply -f broken.yaml",
            "kubectl apply -f list.yaml",
            "kubectl apply -f dir",
            "kubectl apply -f dir/",
            "kubectl apply -f list.yaml -f dir/one.yaml --dry-run=client",
            "cat list.yaml | kubectl apply -f -",
            "kubectl apply -f scalar.yaml",
            "kubectl apply -f nothing.yaml",
            "kubectl apply -f no-kind.yaml",
            "kubectl apply -f number.yaml",
            "kubectl apply -f elsewhere.yaml",
            "kubectl apply -f elsewhere.yaml -n shop",
            "kubectl apply -f gone.yaml",
            "kubectl apply",
            "kubectl create -f list.yaml",
            "kubectl delete -f list.yaml",
            "kubectl delete -f list.yaml",
        ],
        expect![[r#"
            $ kubectl apply -f mixed.yaml
            configmap/settings created
            service/web created
            ! error: resource mapping not found for name: "settings" namespace: "" from "mixed.yaml": no matches for kind "ConfigMop" in version "v1"
            ! ensure CRDs are installed first
            = 1
            $ kubectl apply -f broken.yaml
            configmap/settings unchanged
            ! error: error parsing broken.yaml: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'
            = 1
            $ kubectl apply -f list.yaml
            configmap/one created
            configmap/two created
            $ kubectl apply -f dir
            configmap/settings unchanged
            service/web unchanged
            $ kubectl apply -f dir/
            configmap/settings unchanged
            service/web unchanged
            $ kubectl apply -f list.yaml -f dir/one.yaml --dry-run=client
            configmap/one unchanged (dry run)
            configmap/two unchanged (dry run)
            configmap/settings unchanged (dry run)
            $ cat list.yaml | kubectl apply -f -
            configmap/one unchanged
            configmap/two unchanged
            $ kubectl apply -f scalar.yaml
            ! error: error validating "scalar.yaml": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false
            = 1
            $ kubectl apply -f nothing.yaml
            ! error: no objects passed to apply
            = 1
            $ kubectl apply -f no-kind.yaml
            ! error: error validating "no-kind.yaml": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false
            = 1
            $ kubectl apply -f number.yaml
            ! error: unable to decode "number.yaml": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string
            = 1
            $ kubectl apply -f elsewhere.yaml
            ! Error from server (NotFound): error when creating "elsewhere.yaml": namespaces "nowhere" not found
            = 1
            $ kubectl apply -f elsewhere.yaml -n shop
            ! error: the namespace from the provided object "nowhere" does not match the namespace "shop". You must pass '--namespace=nowhere' to perform this operation.
            = 1
            $ kubectl apply -f gone.yaml
            ! error: the path "gone.yaml" does not exist
            = 1
            $ kubectl apply
            ! error: must specify one of -f and -k
            = 1
            $ kubectl create -f list.yaml
            ! Error from server (AlreadyExists): error when creating "list.yaml": configmaps "one" already exists
            ! Error from server (AlreadyExists): error when creating "list.yaml": configmaps "two" already exists
            = 1
            $ kubectl delete -f list.yaml
            configmap "one" deleted from shop namespace
            configmap "two" deleted from shop namespace
            $ kubectl delete -f list.yaml
            ! Error from server (NotFound): error when deleting "list.yaml": configmaps "one" not found
            ! Error from server (NotFound): error when deleting "list.yaml": configmaps "two" not found
            = 1
        "#]],
    );
}

#[test]
fn objects_are_made_by_flags() {
    let mut terminal = Terminal::new(&[("app.env", "A=1\n# no\nB=two words\n"), ("motd", "hello\n")]);
    terminal.check(
        &[
            "kubectl create namespace team",
            "kubectl create ns team",
            "kubectl create cm a --from-literal=x=1 --from-literal=y=2 --from-file=motd",
            "kubectl create cm b --from-env-file=app.env -n team -o yaml --dry-run=client",
            "kubectl create cm c --from-literal=x",
            "kubectl create cm a",
            "kubectl create secret generic s --from-literal=password=hunter2 --dry-run=client -o yaml",
            "kubectl create deployment web --image=nginx:1.25 --replicas=2 --port=80 --dry-run=client -o yaml",
            "kubectl create deployment web",
            "kubectl create foo bar",
            "kubectl run web --image=nginx --port=80 --expose --dry-run=client -o yaml > pod.yaml",
            "kubectl create -f pod.yaml --dry-run=client",
            "kubectl create configmap",
        ],
        expect![[r#"
            $ kubectl create namespace team
            namespace/team created
            $ kubectl create ns team
            ! Error from server (AlreadyExists): namespaces "team" already exists
            = 1
            $ kubectl create cm a --from-literal=x=1 --from-literal=y=2 --from-file=motd
            configmap/a created
            $ kubectl create cm b --from-env-file=app.env -n team -o yaml --dry-run=client
            apiVersion: v1
            data:
              A: "1"
              B: two words
            kind: ConfigMap
            metadata:
              name: b
              namespace: team
            $ kubectl create cm c --from-literal=x
            ! error: invalid literal source x, expected key=value
            = 1
            $ kubectl create cm a
            ! error: failed to create configmap: configmaps "a" already exists
            = 1
            $ kubectl create secret generic s --from-literal=password=hunter2 --dry-run=client -o yaml
            apiVersion: v1
            data:
              password: aHVudGVyMg==
            kind: Secret
            metadata:
              name: s
            $ kubectl create deployment web --image=nginx:1.25 --replicas=2 --port=80 --dry-run=client -o yaml
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              labels:
                app: web
              name: web
            spec:
              replicas: 2
              selector:
                matchLabels:
                  app: web
              strategy: {}
              template:
                metadata:
                  labels:
                    app: web
                spec:
                  containers:
                  - image: nginx:1.25
                    name: nginx
                    ports:
                    - containerPort: 80
                    resources: {}
            status: {}
            $ kubectl create deployment web
            ! error: required flag(s) "image" not set
            = 1
            $ kubectl create foo bar
            ! error: Unexpected args: [foo bar]
            ! See 'kubectl create -h' for help and examples
            = 1
            $ kubectl run web --image=nginx --port=80 --expose --dry-run=client -o yaml > pod.yaml
            $ kubectl create -f pod.yaml --dry-run=client
            pod/web created (dry run)
            service/web created (dry run)
            $ kubectl create configmap
            ! error: exactly one NAME is required, got 0
            ! See 'kubectl create configmap -h' for help and examples
            = 1
        "#]],
    );
}

/// A file of so many ConfigMaps.
fn many(count: usize, level: &str) -> String {
    (0..count)
        .map(|n| CONFIG.replace("settings", &format!("settings-{n}")).replace("\"3\"", level) + "---\n")
        .collect()
}

#[test]
fn with_each_object_that_is_done_with_its_questions_are_forgotten() {
    // What waits to be gone through again is the same for a few objects and for ten times as many.
    let kept = [4, 40].map(|count| {
        let mut terminal =
            Terminal::new(&[("a.yaml", &many(count, "\"3\"")), ("b.yaml", &many(count, "\"4\""))]);
        let mut kept = Vec::new();
        for line in [
            "kubectl apply -f a.yaml",
            "kubectl diff -f b.yaml",
            "kubectl apply -f b.yaml",
            "kubectl get -f a.yaml",
            "kubectl replace -f a.yaml",
            "kubectl replace --force -f a.yaml",
            "kubectl delete -f a.yaml",
            "kubectl create -f a.yaml",
            "kubectl apply --server-side -f b.yaml",
        ] {
            let said = terminal.run(line);
            assert!(said.lines().count() >= count, "{line}\n{said}");
            kept.push((line, terminal.most_kept));
        }
        kept
    });
    assert_eq!(kept[0], kept[1]);
}
