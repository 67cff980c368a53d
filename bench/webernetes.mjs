// A Deployment to all Pods Ready in webernetes: `node webernetes.mjs PODS NODES`. Prints one line of JSON.

import { BaseImage, Cluster } from "@ngrok/webernetes";

const [pods, nodes] = process.argv.slice(2).map(Number);

class Server extends BaseImage {
	static imageName = "nginx";
	static imageVersion = "1.25";
	defaultCommand = ["server"];
	async exec(ctx, argv) {
		if (argv[0] !== "server") return await super.exec(ctx, argv);
		ctx.listenHttp(80, async () => ({ statusCode: 200, body: "hello" }));
		return await ctx.waitUntilKilled();
	}
}

const begun = performance.now();
const before = process.cpuUsage();
const cluster = new Cluster({ nodes });
cluster.registerImage(Server);
await cluster.init();
const ready = new Set();
const isReady = (pod) => pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
const done = new Promise((resolve) => {
	const note = (type, pod) => {
		if (pod.metadata.namespace !== "default" || !isReady(pod)) return;
		ready.add(pod.metadata.name);
		if (ready.size === pods) resolve();
	};
	cluster.informer("pods", note).start?.();
});
const labels = { app: "web" };
await cluster.apply([
	{
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "web", namespace: "default" },
		spec: {
			replicas: pods,
			selector: { matchLabels: labels },
			template: {
				metadata: { labels },
				spec: { containers: [{ name: "web", image: "nginx:1.25", ports: [{ containerPort: 80 }] }] },
			},
		},
	},
]);
await done;
const { user, system } = process.cpuUsage(before);
const numbers = { pods, nodes, millis: performance.now() - begun, cpuMillis: (user + system) / 1e3 };
console.log(JSON.stringify(numbers));
process.exit(0);
