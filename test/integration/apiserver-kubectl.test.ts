/** Stock kubectls against the apiserver: every version that this machine has tells the same story. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { Kubectl, stockKubectls } from '#test/harness/kubectl.ts'

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web:1, ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
`
const oldest = 20

const versions = [
  ...new Set([...stockKubectls(), ...(process.env['TYPERNETES_ORACLE'] ? [`${process.env['TYPERNETES_ORACLE']}/kubectl`] : [])]),
]

describe('stock kubectls', { skip: versions.length === 0 && 'there is no kubectl on this machine' }, () => {
  let server: TestApiServer
  before(async () => {
    server = await startTestApiServer()
  })
  after(() => server[Symbol.asyncDispose]())

  for (const path of versions) {
    test(path, async () => {
      const kubectl = new Kubectl(path, server.kubeconfigFile)
      const said = async (words: string, input?: string): Promise<string> => {
        const { code, stdout, stderr } = await kubectl.run(words.split(' '), input === undefined ? {} : { input })
        assert.equal(code, 0, `kubectl ${words}: ${stderr}`)
        return stdout.trim()
      }
      const { stdout } = await kubectl.run(['version', '--client', '-o', 'json'])
      const minor = Number.parseInt((JSON.parse(stdout) as { clientVersion: { minor: string } }).clientVersion.minor, 10)
      assert.ok(minor >= oldest)

      assert.equal(await said('apply -f -', manifest), 'deployment.apps/web created\nservice/web created')
      assert.equal(await said('apply -f -', manifest), 'deployment.apps/web unchanged\nservice/web unchanged')
      assert.equal(
        await said('apply -f -', manifest.replace('replicas: 2', 'replicas: 3')),
        'deployment.apps/web configured\nservice/web unchanged',
      )
      assert.match(await said('get deployments'), /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/3 +0 +0 +\d+s/)
      assert.match(await said('get services web -o wide'), /NodePort +10\.96\.\d+\.\d+ +<none> +80:3\d{4}\/TCP/)
      assert.match(await said('explain pod.spec.containers.image'), /image/)
      assert.equal(await said('scale deployment web --replicas=1'), 'deployment.apps/web scaled')
      assert.equal(await said('set image deployment/web web=web:2'), 'deployment.apps/web image updated')
      assert.equal(await said('get deployment web -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].image}'), '1/web:2')
      assert.equal(await said('create configmap settings --from-literal=a=b'), 'configmap/settings created')
      assert.equal(await said('label configmap settings x=y'), 'configmap/settings labeled')
      assert.equal(await said('get configmaps -l x=y -o name'), 'configmap/settings')
      assert.equal(await said('auth can-i delete pods'), 'yes')
      const absent = await kubectl.run(['get', 'pod', 'absent'])
      assert.deepEqual([absent.code, absent.stderr.trim()], [1, 'Error from server (NotFound): pods "absent" not found'])
      const strict = await kubectl.run(['apply', '-f', '-'], { input: manifest.replace('replicas: 2', 'replica: 2') })
      assert.equal(strict.code, 1)
      assert.match(strict.stderr, /unknown field "?(spec\.)?replica"?/)
      assert.match(await said('delete deployment,service,configmap web web settings --ignore-not-found'), /"web" deleted/)
    })
  }
})
