//! The shell around kubectl: what a person types besides its commands.

use super::Terminal;
use expect_test::expect;

const LINES: &str = "pod/web 1/1 Running\npod/db 0/1 Pending\nservice/web ClusterIP 80\n";

#[test]
fn lines_are_run_as_a_shell_runs_them() {
    Terminal::new(&[]).check(
        &[
            "echo a>>b; echo c >> b 2>&1; cat b",
            "true && echo 'it''s' || echo \"a \\\"b\\\" \\n\"",
            "echo a; false || echo \"$? is one\"; ! true; echo $?",
            "cat <<EOF > c.txt\none\n  $((1 + 2)) $USER\nEOF\ncat c.txt",
            "name=web; echo pod/$name \"${name}-1\" ${other:-none}",
            "for n in $(seq 3) x; do echo -n \"$n \"; done; echo",
            "n=0; while [ $n -lt 3 ]; do n=$((n + 1)); [ $n = 2 ] && continue; echo $n; done",
            "ls *.txt; ls nosuch",
            "echo name is $name; unset name; echo name is $name",
            "f() { echo \"$1 of $#\"; }; f a b",
            "alias kg='kubectl get'; alias; kg ns default --no-headers | cut -c1-7",
            "k get ns nosuch",
            "kubectl version --client > out.txt && wc -l < out.txt",
            "echo errors 2>&1 >/dev/null; kubectl get ns nosuch 2>/dev/null || echo gone",
            "case po in p*) echo Pod;; *) echo other;; esac",
            "if [ -f out.txt ] && [ ! -f nosuch ]; then echo there; fi",
        ],
        expect![[r#"
            $ echo a>>b; echo c >> b 2>&1; cat b
            a
            c
            $ true && echo 'it''s' || echo "a \"b\" \n"
            its
            $ echo a; false || echo "$? is one"; ! true; echo $?
            a
            1 is one
            1
            $ cat <<EOF > c.txt
            one
              $((1 + 2)) $USER
            EOF
            cat c.txt
            one
              3 podium
            $ name=web; echo pod/$name "${name}-1" ${other:-none}
            pod/web web-1 none
            $ for n in $(seq 3) x; do echo -n "$n "; done; echo
            1 
            2 
            3 
            x 

            $ n=0; while [ $n -lt 3 ]; do n=$((n + 1)); [ $n = 2 ] && continue; echo $n; done
            1
            2
            3
            $ ls *.txt; ls nosuch
            c.txt
            ! ls: cannot access 'nosuch': No such file or directory
            = 2
            $ echo name is $name; unset name; echo name is $name
            name is web
            name is
            $ f() { echo "$1 of $#"; }; f a b
            a of 2
            $ alias kg='kubectl get'; alias; kg ns default --no-headers | cut -c1-7
            alias kg='kubectl get'
            default
            $ k get ns nosuch
            ! Error from server (NotFound): namespaces "nosuch" not found
            = 1
            $ kubectl version --client > out.txt && wc -l < out.txt
            2
            $ echo errors 2>&1 >/dev/null; kubectl get ns nosuch 2>/dev/null || echo gone
            gone
            $ case po in p*) echo Pod;; *) echo other;; esac
            Pod
            $ if [ -f out.txt ] && [ ! -f nosuch ]; then echo there; fi
            there
        "#]],
    );
}

#[test]
fn lines_are_filtered() {
    Terminal::new(&[("lines", LINES)]).check(
        &[
            "grep -E 'pod/(web|x)' lines",
            "grep -ciE RUNNING lines; grep -v pod lines | wc -w; grep nosuch lines",
            "grep -n -A1 web lines | head -2",
            "grep -v -e web -e nosuch lines; grep -A0 Running lines lines; printf 'a\\nb\\nc\\nd\\ne\\na\\n' | grep -n -B1 a",
            "grep -o 'pod/[a-z]*' lines; grep -ow 'W[a-z]*\\|80' lines; grep -xF 'pod' lines; grep -Eio 'RUN|ING' lines; grep -oE '[0-9]+/[0-9]+' lines | head -1",
            "grep -l Running lines; grep -c . lines; grep -qz a lines; grep -h --color=always -m1 pod lines lines",
            "printf 'a\\nab\\n' > two; grep -xE 'a|ab' two; grep -oE 'a|ab' two; grep --ignore-case -c A two; grep -y a two; grep -q a two nosuch; echo $?",
            "grep -H a - < two; grep -iE '\\S{2}' two; grep --perl-regexp a two",
            "cat lines | sort -r | head -n 1; tail -n +3 lines; tail -1 lines",
            "cut -d' ' -f1,3 lines",
            "awk '{print $1, NF\":\"$NF}' lines; awk '$3==\"Running\" {print $1}' lines; awk 'NR>2' lines",
            "sed 's/pod\\/\\(.*\\) .* \\(.*\\)/\\1 is \\2/' lines; sed -n '2p' lines; sed '/pod/d' lines",
            "cut -d/ -f1 lines | sort | uniq -c | sort -rn",
            "echo a,b | tr , '\\n'; echo YWJj | base64 -d; echo; echo -n abc | base64",
            "awk '{print $1}' lines | xargs -n1 echo got; cat lines | while read a b c; do echo $c; done",
            "echo x | tee t; cat t; rm t; cat t",
        ],
        expect![[r#"
            $ grep -E 'pod/(web|x)' lines
            pod/web 1/1 Running
            $ grep -ciE RUNNING lines; grep -v pod lines | wc -w; grep nosuch lines
            1
            3
            = 1
            $ grep -n -A1 web lines | head -2
            1:pod/web 1/1 Running
            2-pod/db 0/1 Pending
            $ grep -v -e web -e nosuch lines; grep -A0 Running lines lines; printf 'a\nb\nc\nd\ne\na\n' | grep -n -B1 a
            pod/db 0/1 Pending
            lines:pod/web 1/1 Running
            --
            lines:pod/web 1/1 Running
            1:a
            --
            5-e
            6:a
            $ grep -o 'pod/[a-z]*' lines; grep -ow 'W[a-z]*\|80' lines; grep -xF 'pod' lines; grep -Eio 'RUN|ING' lines; grep -oE '[0-9]+/[0-9]+' lines | head -1
            pod/web
            pod/db
            80
            Run
            ing
            ing
            1/1
            $ grep -l Running lines; grep -c . lines; grep -qz a lines; grep -h --color=always -m1 pod lines lines
            lines
            3
            ! podium: grep -z is not simulated
            pod/web 1/1 Running
            pod/web 1/1 Running
            $ printf 'a\nab\n' > two; grep -xE 'a|ab' two; grep -oE 'a|ab' two; grep --ignore-case -c A two; grep -y a two; grep -q a two nosuch; echo $?
            a
            ab
            a
            ab
            2
            ! podium: grep -y is not simulated
            ! grep: nosuch: No such file or directory
            0
            $ grep -H a - < two; grep -iE '\S{2}' two; grep --perl-regexp a two
            (standard input):a
            (standard input):ab
            ab
            ! podium: grep --perl-regexp is not simulated
            = 2
            $ cat lines | sort -r | head -n 1; tail -n +3 lines; tail -1 lines
            service/web ClusterIP 80
            service/web ClusterIP 80
            service/web ClusterIP 80
            $ cut -d' ' -f1,3 lines
            pod/web Running
            pod/db Pending
            service/web 80
            $ awk '{print $1, NF":"$NF}' lines; awk '$3=="Running" {print $1}' lines; awk 'NR>2' lines
            pod/web 3:Running
            pod/db 3:Pending
            service/web 3:80
            pod/web
            service/web ClusterIP 80
            $ sed 's/pod\/\(.*\) .* \(.*\)/\1 is \2/' lines; sed -n '2p' lines; sed '/pod/d' lines
            web is Running
            db is Pending
            service/web ClusterIP 80
            pod/db 0/1 Pending
            service/web ClusterIP 80
            $ cut -d/ -f1 lines | sort | uniq -c | sort -rn
                  2 pod
                  1 service
            $ echo a,b | tr , '\n'; echo YWJj | base64 -d; echo; echo -n abc | base64
            a
            b
            abc

            YWJj
            $ awk '{print $1}' lines | xargs -n1 echo got; cat lines | while read a b c; do echo $c; done
            got pod/web
            got pod/db
            got service/web
            Running
            Pending
            80
            $ echo x | tee t; cat t; rm t; cat t
            x
            x
            ! cat: t: No such file or directory
            = 1
        "#]],
    );
}

#[test]
fn what_is_not_there_is_said() {
    Terminal::new(&[]).check(
        &[
            "nmap",
            "vim x.yaml",
            "kubctl get po",
            "echo '",
            "| cat",
            "echo >",
            "for x in a; do",
            "sleep 1 &",
            "while true; do :; done",
            "cat nosuch < nosuch; echo $?",
            "kubectl proxy",
            "kubectl rollout nosuch",
            "kubectl get po --nosuch",
            "kubectl get -A po --record 2>&1 | head -1; kubectl label ns shop a=b --record",
            "kubectl attach web",
        ],
        expect![[r#"
            $ nmap
            ! bash: nmap: command not found
            = 127
            $ vim x.yaml
            ! bash: vim: command not found
            ! podium: files are changed in the editor of the page
            = 127
            $ kubctl get po
            ! bash: kubctl: command not found
            ! podium: perhaps kubectl
            = 127
            $ echo '
            ! bash: syntax error: unterminated quoted string
            = 2
            $ | cat
            ! bash: syntax error near unexpected token `|'
            = 2
            $ echo >
            ! bash: syntax error: unexpected end of file
            = 2
            $ for x in a; do
            ! bash: syntax error: unexpected end of file
            = 2
            $ sleep 1 &
            ! podium: sleep 1 &: jobs in the background are not here
            = 127
            $ while true; do :; done
            ! podium: a loop went round 50000 times and never waited. A sleep in it lets the time go on.
            = 1
            $ cat nosuch < nosuch; echo $?
            ! bash: nosuch: No such file or directory
            1
            $ kubectl proxy
            ! podium: kubectl proxy is not simulated
            = 1
            $ kubectl rollout nosuch
            ! error: unknown command "nosuch"
            ! See 'kubectl rollout -h' for help and examples
            = 1
            $ kubectl get po --nosuch
            ! error: unknown flag: --nosuch
            ! See 'kubectl get --help' for usage.
            = 1
            $ kubectl get -A po --record 2>&1 | head -1; kubectl label ns shop a=b --record
            error: unknown flag: --record
            ! Flag --record has been deprecated, --record will be removed in the future
            namespace/shop labeled
            $ kubectl attach web
            ! Error from server (NotFound): pods "web" not found
            = 1
        "#]],
    );
}

#[test]
fn loops_go_on_from_their_last_round() {
    let mut terminal = Terminal::new(&[]);
    let told =
        terminal.run("n=0; while [ $n -lt 400 ]; do n=$((n + 1)); sleep 1; done; echo $n; date +%M:%S");
    assert_eq!(told, "400\n06:40\n");
    let told =
        terminal.run("for a in 1 2; do for b in 1 2; do sleep 1; echo -n $a$b; done; sleep 1; done; echo");
    assert_eq!(told.replace('\n', ""), "11122122");
}

#[test]
fn a_context_has_a_namespace() {
    Terminal::new(&[]).check(
        &[
            "kubectl config get-contexts",
            "kubectl config set-context --current --namespace=kube-system",
            "kubectl config view --minify -o jsonpath='{..namespace}'; echo",
            "kubectl get po",
            "kubectl config current-context; kubectl auth whoami; kubectl auth can-i create deploy",
            "kubectl explain deploy.spec.strategy; kubectl explain pvc --recursive --max-depth=1",
            "kubectl explain po.spec.nosuch; kubectl explain po --max-depth=1",
        ],
        expect![[r#"
            $ kubectl config get-contexts
            CURRENT   NAME                          CLUSTER      AUTHINFO           NAMESPACE
            *         kubernetes-admin@kubernetes   kubernetes   kubernetes-admin   shop
            $ kubectl config set-context --current --namespace=kube-system
            Context "kubernetes-admin@kubernetes" modified.
            $ kubectl config view --minify -o jsonpath='{..namespace}'; echo
            kube-system

            $ kubectl get po
            ! No resources found in kube-system namespace.
            $ kubectl config current-context; kubectl auth whoami; kubectl auth can-i create deploy
            kubernetes-admin@kubernetes
            ATTRIBUTE   VALUE
            Username    kubernetes-admin
            Groups      [kubeadm:cluster-admins system:authenticated]
            yes
            $ kubectl explain deploy.spec.strategy; kubectl explain pvc --recursive --max-depth=1
            GROUP:      apps
            KIND:       Deployment
            VERSION:    v1

            FIELD: strategy <DeploymentStrategy>


            DESCRIPTION:
                <empty>
            FIELDS:
              rollingUpdate	<RollingUpdateDeployment>
                <no description>

              type	<string>
                <no description>


            KIND:       PersistentVolumeClaim
            VERSION:    v1

            DESCRIPTION:
                <empty>
            FIELDS:
              apiVersion	<string>
              kind	<string>
              metadata	<ObjectMeta>
              spec	<PersistentVolumeClaimSpec>
              status	<PersistentVolumeClaimStatus>

            $ kubectl explain po.spec.nosuch; kubectl explain po --max-depth=1
            KIND:       Pod
            VERSION:    v1

            ! error: field "nosuch" does not exist
            ! error: --max-depth requires --recursive
            = 1
        "#]],
    );
}

#[test]
fn the_service_of_the_api_server_comes_back_within_ten_seconds() {
    let mut terminal = Terminal::new(&[]);
    let get = "kubectl get service,endpointslices -n default -o name";
    let both = "service/kubernetes\nendpointslice.discovery.k8s.io/kubernetes\n";
    assert_eq!(terminal.run(get), both);
    let deletions =
        ["all --all", "all --all --cascade=foreground", "endpointslice kubernetes", "endpoints kubernetes"];
    for deletion in deletions {
        let kind = if deletion.starts_with("all") { "service" } else { deletion.split(' ').next().unwrap() };
        let get_it = format!("kubectl get {kind} kubernetes -n default -o name --ignore-not-found");
        terminal.run(&format!("kubectl delete {deletion} -n default"));
        assert!(!terminal.run(&get_it).contains("/kubernetes"), "{kind} is gone at first after {deletion}");
        terminal.run("sleep 11");
        assert_eq!(terminal.run(get), both, "after {deletion}");
    }
    assert!(terminal.run("kubectl get service kubernetes -n default").contains("10.96.0.1"));
    assert!(
        terminal.run("kubectl get endpoints kubernetes -n default -o name").contains("endpoints/kubernetes")
    );
}
