//! Custom resources, from their definition to its end: each answer is that of kubectl 1.37.2 and a server of 1.37.2 to the same
//! files and lines, but for times.

use super::Terminal;
use expect_test::expect;

const DEFINITION: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names:
    plural: crontabs
    singular: crontab
    kind: CronTab
    shortNames: [ct]
    categories: [all, timed]
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale:
          specReplicasPath: .spec.replicas
          statusReplicasPath: .status.replicas
      additionalPrinterColumns:
        - {name: Spec, type: string, jsonPath: .spec.cronSpec, description: The cron spec}
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
        - {name: Image, type: string, jsonPath: .spec.image, priority: 1}
        - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
      schema:
        openAPIV3Schema:
          type: object
          description: A CronTab runs something again and again.
          required: [spec]
          properties:
            spec:
              type: object
              description: What is wanted.
              required: [cronSpec]
              properties:
                cronSpec:
                  type: string
                  description: When it runs.
                  pattern: '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$'
                image: {type: string, default: busybox}
                replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
                mode: {type: string, enum: [Fast, Slow]}
            status:
              type: object
              properties:
                replicas: {type: integer}
"#;

const RESOURCE: &str = r#"apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: my-cron
spec:
  cronSpec: "* * * * */5"
"#;

const WRONG: &str = r#"apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: bad-cron
spec:
  cronSpec: "* * * *"
  replicas: 15
  mode: fast
"#;

const UNKNOWN: &str = r#"apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: odd-cron
spec:
  cronSpec: "* * * * *"
  replica: 15
"#;

const LACKING: &str = r#"apiVersion: stable.example.com/v1
kind: CronTab
metadata:
  name: none-cron
spec: {}
"#;

const BOXES: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.demo.example.com}
spec:
  group: demo.example.com
  scope: Cluster
  names: {plural: boxes, kind: Box}
  versions:
  - name: v1alpha1
    served: true
    storage: false
    deprecated: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Open, type: boolean, jsonPath: .spec.open}
    - {name: Born, type: date, jsonPath: .spec.born}
    - {name: Tags, type: string, jsonPath: ".spec.tags[*]"}
    - {name: All, type: string, jsonPath: .spec.all}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer}
              open: {type: boolean}
              born: {type: string}
              tags: {type: array, items: {type: string}}
              all: {type: object, x-kubernetes-preserve-unknown-fields: true}
"#;

const FULL: &str = r#"apiVersion: demo.example.com/v1
kind: Box
metadata: {name: full}
spec: {size: 3, open: true, born: "2020-01-01T00:00:00Z", tags: [a, b], all: {x: 1, z: [2]}}
---
apiVersion: demo.example.com/v1
kind: Box
metadata: {name: empty}
spec: {}
---
apiVersion: demo.example.com/v1alpha1
kind: Box
metadata: {name: old}
spec: {size: 3}
"#;

fn terminal() -> Terminal {
    let both = format!("{DEFINITION}---\n{RESOURCE}");
    Terminal::new(&[
        ("crd.yaml", DEFINITION),
        ("cr.yaml", RESOURCE),
        ("both.yaml", &both),
        ("bad.yaml", WRONG),
        ("unknown.yaml", UNKNOWN),
        ("missing.yaml", LACKING),
        ("boxes.yaml", BOXES),
        ("full.yaml", FULL),
    ])
}

#[test]
fn a_kind_is_known_once_its_definition_is_established() {
    terminal().check(
        &[
            "kubectl get crontabs",
            "kubectl apply -f cr.yaml",
            "kubectl apply -f both.yaml",
            "kubectl wait --for=condition=Established crd/crontabs.stable.example.com",
            "kubectl apply -f both.yaml",
            "kubectl get crd -o name",
            "kubectl get crontabs",
            "kubectl get ct -o wide",
            "kubectl get timed",
            "kubectl get all",
            "kubectl get ct/my-cron -o jsonpath='{.apiVersion} {.metadata.generation} {.spec}'",
            "kubectl get ct -o name",
            "kubectl get crontabs.v1.stable.example.com",
            "kubectl get crontabs.v2.stable.example.com",
            "kubectl get CronTab my-cron",
            "kubectl get ct nothing",
            "kubectl get ct -A",
            "kubectl get pods,ct",
            "kubectl api-resources --api-group=stable.example.com -o wide",
            "kubectl get crd -o jsonpath='{.items[*].status}'",
        ],
        expect![[r#"
            $ kubectl get crontabs
            ! error: the server doesn't have a resource type "crontabs"
            = 1
            $ kubectl apply -f cr.yaml
            ! error: resource mapping not found for name: "my-cron" namespace: "" from "cr.yaml": no matches for kind "CronTab" in version "stable.example.com/v1"
            ! ensure CRDs are installed first
            = 1
            $ kubectl apply -f both.yaml
            customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created
            ! error: resource mapping not found for name: "my-cron" namespace: "" from "both.yaml": no matches for kind "CronTab" in version "stable.example.com/v1"
            ! ensure CRDs are installed first
            = 1
            $ kubectl wait --for=condition=Established crd/crontabs.stable.example.com
            customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com condition met
            $ kubectl apply -f both.yaml
            customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com unchanged
            crontab.stable.example.com/my-cron created
            $ kubectl get crd -o name
            customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com
            $ kubectl get crontabs
            NAME      SPEC          REPLICAS   AGE
            my-cron   * * * * */5   1          0s
            $ kubectl get ct -o wide
            NAME      SPEC          REPLICAS   IMAGE     AGE
            my-cron   * * * * */5   1          busybox   0s
            $ kubectl get timed
            NAME      SPEC          REPLICAS   AGE
            my-cron   * * * * */5   1          0s
            $ kubectl get all
            NAME                                 SPEC          REPLICAS   AGE
            crontab.stable.example.com/my-cron   * * * * */5   1          0s
            $ kubectl get ct/my-cron -o jsonpath='{.apiVersion} {.metadata.generation} {.spec}'
            stable.example.com/v1 1 {"cronSpec":"* * * * */5","image":"busybox","replicas":1}
            $ kubectl get ct -o name
            crontab.stable.example.com/my-cron
            $ kubectl get crontabs.v1.stable.example.com
            NAME      SPEC          REPLICAS   AGE
            my-cron   * * * * */5   1          1s
            $ kubectl get crontabs.v2.stable.example.com
            ! error: the server doesn't have a resource type "crontabs" in group "v2.stable.example.com"
            = 1
            $ kubectl get CronTab my-cron
            NAME      SPEC          REPLICAS   AGE
            my-cron   * * * * */5   1          1s
            $ kubectl get ct nothing
            ! Error from server (NotFound): crontabs.stable.example.com "nothing" not found
            = 1
            $ kubectl get ct -A
            NAMESPACE   NAME      SPEC          REPLICAS   AGE
            shop        my-cron   * * * * */5   1          1s
            $ kubectl get pods,ct
            NAME                                 SPEC          REPLICAS   AGE
            crontab.stable.example.com/my-cron   * * * * */5   1          1s
            $ kubectl api-resources --api-group=stable.example.com -o wide
            NAME       SHORTNAMES   APIVERSION              NAMESPACED   KIND      VERBS                                                        CATEGORIES
            crontabs   ct           stable.example.com/v1   true         CronTab   delete,deletecollection,get,list,patch,create,update,watch   all,timed
            $ kubectl get crd -o jsonpath='{.items[*].status}'
            {"acceptedNames":{"categories":["all","timed"],"kind":"CronTab","listKind":"CronTabList","plural":"crontabs","shortNames":["ct"],"singular":"crontab"},"conditions":[{"lastTransitionTime":"2026-11-24T12:00:00Z","message":"no conflicts found","reason":"NoConflicts","status":"True","type":"NamesAccepted"},{"lastTransitionTime":"2026-11-24T12:00:00Z","message":"the initial names have been accepted","reason":"InitialNamesAccepted","status":"True","type":"Established"}],"storedVersions":["v1"]}
        "#]],
    );
}

#[test]
fn an_object_is_held_against_the_schema() {
    let mut terminal = terminal();
    terminal.run("kubectl apply -f crd.yaml");
    terminal.run("kubectl wait --for=condition=Established crd/crontabs.stable.example.com");
    terminal.check(
        &[
            "kubectl apply -f bad.yaml",
            "kubectl apply -f unknown.yaml",
            "kubectl apply -f missing.yaml",
            "kubectl apply -f cr.yaml",
            "kubectl create -f cr.yaml",
            r#"kubectl patch ct my-cron --type merge -p '{"spec":{"replicas":3}}'"#,
            r#"kubectl patch ct my-cron -p '{"spec":{"replicas":4}}'"#,
            r#"kubectl patch ct my-cron --type merge -p '{"spec":{"replicas":30}}'"#,
            r#"kubectl patch ct my-cron --type merge -p '{"spec":{"nope":30}}'"#,
            "kubectl scale ct my-cron --replicas=5",
            "kubectl label ct my-cron a=b",
            "kubectl annotate ct my-cron c=d",
            "kubectl get ct --show-labels",
            "kubectl get ct -L a",
            "kubectl apply -f cr.yaml",
            "kubectl apply -f cr.yaml --server-side --force-conflicts",
            "kubectl describe ct my-cron",
        ],
        expect![[r#"
            $ kubectl apply -f bad.yaml
            ! The CronTab "bad-cron" is invalid: 
            ! * spec.cronSpec: Invalid value: "* * * *": spec.cronSpec in body should match '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$'
            ! * spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10
            ! * spec.mode: Unsupported value: "fast": supported values: "Fast", "Slow"
            = 1
            $ kubectl apply -f unknown.yaml
            ! Error from server (BadRequest): error when creating "unknown.yaml": CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.replica"
            = 1
            $ kubectl apply -f missing.yaml
            ! The CronTab "none-cron" is invalid: spec.cronSpec: Required value
            = 1
            $ kubectl apply -f cr.yaml
            crontab.stable.example.com/my-cron created
            $ kubectl create -f cr.yaml
            ! Error from server (AlreadyExists): error when creating "cr.yaml": crontabs.stable.example.com "my-cron" already exists
            = 1
            $ kubectl patch ct my-cron --type merge -p '{"spec":{"replicas":3}}'
            crontab.stable.example.com/my-cron patched
            $ kubectl patch ct my-cron -p '{"spec":{"replicas":4}}'
            ! error: application/strategic-merge-patch+json is not supported by stable.example.com/v1, Kind=CronTab: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml
            = 1
            $ kubectl patch ct my-cron --type merge -p '{"spec":{"replicas":30}}'
            ! The CronTab "my-cron" is invalid: spec.replicas: Invalid value: 30: spec.replicas in body should be less than or equal to 10
            = 1
            $ kubectl patch ct my-cron --type merge -p '{"spec":{"nope":30}}'
            ! Warning: unknown field "spec.nope"
            crontab.stable.example.com/my-cron patched (no change)
            $ kubectl scale ct my-cron --replicas=5
            crontab.stable.example.com/my-cron scaled
            $ kubectl label ct my-cron a=b
            crontab.stable.example.com/my-cron labeled
            $ kubectl annotate ct my-cron c=d
            crontab.stable.example.com/my-cron annotated
            $ kubectl get ct --show-labels
            NAME      SPEC          REPLICAS   AGE   LABELS
            my-cron   * * * * */5   5          1s    a=b
            $ kubectl get ct -L a
            NAME      SPEC          REPLICAS   AGE   A
            my-cron   * * * * */5   5          1s    b
            $ kubectl apply -f cr.yaml
            crontab.stable.example.com/my-cron unchanged
            $ kubectl apply -f cr.yaml --server-side --force-conflicts
            crontab.stable.example.com/my-cron serverside-applied
            $ kubectl describe ct my-cron
            Name:         my-cron
            Namespace:    shop
            Labels:       a=b
            Annotations:  c: d
            API Version:  stable.example.com/v1
            Kind:         CronTab
            Metadata:
              Creation Timestamp:  2026-11-24T12:00:00Z
              Generation:          3
              Resource Version:    33
              UID:                 a2730f95-5340-48cc-9d8c-f06aacbfd733
            Spec:
              Cron Spec:  * * * * */5
              Image:      busybox
              Replicas:   5
            Events:       <none>
        "#]],
    );
}

#[test]
fn what_a_definition_has_made_goes_with_it() {
    let mut terminal = terminal();
    terminal.run("kubectl apply -f crd.yaml");
    terminal.run("kubectl wait --for=condition=Established crd/crontabs.stable.example.com");
    terminal.check(
        &[
            "kubectl apply -f cr.yaml",
            "kubectl delete ct my-cron",
            "kubectl apply -f cr.yaml",
            "kubectl delete crd crontabs.stable.example.com",
            "kubectl get ct",
            "kubectl get ct my-cron",
            "kubectl apply -f cr.yaml",
            "kubectl delete ct my-cron",
            "kubectl get nothings",
            "kubectl get ct",
            "kubectl get crd",
        ],
        expect![[r#"
            $ kubectl apply -f cr.yaml
            crontab.stable.example.com/my-cron created
            $ kubectl delete ct my-cron
            crontab.stable.example.com "my-cron" deleted from shop namespace
            $ kubectl apply -f cr.yaml
            crontab.stable.example.com/my-cron created
            $ kubectl delete crd crontabs.stable.example.com
            customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted
            $ kubectl get ct
            ! Error from server (NotFound): Unable to list "stable.example.com/v1, Resource=crontabs": the server could not find the requested resource (get crontabs.stable.example.com)
            = 1
            $ kubectl get ct my-cron
            ! Error from server (NotFound): the server could not find the requested resource (get crontabs.stable.example.com my-cron)
            = 1
            $ kubectl apply -f cr.yaml
            ! Error from server (NotFound): error when creating "cr.yaml": the server could not find the requested resource (post crontabs.stable.example.com)
            = 1
            $ kubectl delete ct my-cron
            ! Error from server (NotFound): the server could not find the requested resource (delete crontabs.stable.example.com my-cron)
            = 1
            $ kubectl get nothings
            ! error: the server doesn't have a resource type "nothings"
            = 1
            $ kubectl get ct
            ! error: the server doesn't have a resource type "ct"
            = 1
            $ kubectl get crd
            ! No resources found
        "#]],
    );
}

#[test]
fn a_namespace_takes_its_custom_resources_with_it() {
    let mut terminal = terminal();
    terminal.run("kubectl apply -f crd.yaml");
    terminal.run("kubectl wait --for=condition=Established crd/crontabs.stable.example.com");
    terminal.check(
        &["kubectl apply -f cr.yaml", "kubectl delete namespace shop", "kubectl get ct -A"],
        expect![[r#"
            $ kubectl apply -f cr.yaml
            crontab.stable.example.com/my-cron created
            $ kubectl delete namespace shop
            namespace "shop" deleted
            $ kubectl get ct -A
            ! No resources found
        "#]],
    );
}

#[test]
fn columns_and_versions_are_those_of_the_definition() {
    let mut terminal = terminal();
    terminal.run("kubectl apply -f boxes.yaml");
    terminal.check(
        &[
            "kubectl wait --for=condition=Established crd/boxes.demo.example.com",
            "kubectl apply -f full.yaml",
            "kubectl get boxes",
            "kubectl get box old -o jsonpath='{.apiVersion} {.spec.size}'",
            "kubectl describe box empty",
            "kubectl delete box old",
            "kubectl delete boxes --all",
            "kubectl get boxes",
            "kubectl get crd boxes.demo.example.com -o jsonpath='{.status.acceptedNames}'",
            "kubectl create -f full.yaml --dry-run=server",
            "kubectl api-resources --api-group=demo.example.com",
        ],
        expect![[r#"
            $ kubectl wait --for=condition=Established crd/boxes.demo.example.com
            customresourcedefinition.apiextensions.k8s.io/boxes.demo.example.com condition met
            $ kubectl apply -f full.yaml
            box.demo.example.com/full created
            box.demo.example.com/empty created
            ! Warning: demo.example.com/v1alpha1 Box is deprecated; use demo.example.com/v1 Box
            box.demo.example.com/old created
            $ kubectl get boxes
            NAME    SIZE   OPEN   BORN     TAGS   ALL
            empty                                 
            full    3      true   6y329d   a      {"x":1,"z":[2]}
            old     3                             
            $ kubectl get box old -o jsonpath='{.apiVersion} {.spec.size}'
            demo.example.com/v1 3
            $ kubectl describe box empty
            Name:         empty
            Namespace:    
            Labels:       <none>
            Annotations:  <none>
            API Version:  demo.example.com/v1
            Kind:         Box
            Metadata:
              Creation Timestamp:  2026-11-24T12:00:00Z
              Generation:          1
              Resource Version:    29
              UID:                 4e5fcf07-1361-4e9c-b1a0-30f8ec9eb163
            Spec:
            Events:  <none>
            $ kubectl delete box old
            box.demo.example.com "old" deleted
            $ kubectl delete boxes --all
            box.demo.example.com "empty" deleted
            box.demo.example.com "full" deleted
            $ kubectl get boxes
            ! No resources found
            $ kubectl get crd boxes.demo.example.com -o jsonpath='{.status.acceptedNames}'
            {"kind":"Box","listKind":"BoxList","plural":"boxes","singular":"box"}
            $ kubectl create -f full.yaml --dry-run=server
            box.demo.example.com/full created (server dry run)
            box.demo.example.com/empty created (server dry run)
            ! Warning: demo.example.com/v1alpha1 Box is deprecated; use demo.example.com/v1 Box
            box.demo.example.com/old created (server dry run)
            $ kubectl api-resources --api-group=demo.example.com
            NAME    SHORTNAMES   APIVERSION            NAMESPACED   KIND
            boxes                demo.example.com/v1   false        Box
        "#]],
    );
}
