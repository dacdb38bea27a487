import { expect, test } from "vitest";

import { kubeVipManifest } from "../../../components/rke2/kube-vip.ts";

test("kube-vip is a static pod that asks this server's own API", () => {
    expect(kubeVipManifest({ address: "192.168.10.10", interface: "eth1" })).toBe(`apiVersion: "v1"
kind: "Pod"
metadata:
  name: "kube-vip"
  namespace: "kube-system"
  labels:
    app.kubernetes.io/name: "kube-vip"
spec:
  hostNetwork: true
  hostAliases:
    - ip: "127.0.0.1"
      hostnames:
        - "kubernetes"
  containers:
    - name: "kube-vip"
      image: "ghcr.io/kube-vip/kube-vip:v1.2.3"
      imagePullPolicy: "IfNotPresent"
      args:
        - "manager"
        - "--prometheusHTTPServer="
      env:
        - name: "vip_arp"
          value: "true"
        - name: "vip_interface"
          value: "eth1"
        - name: "address"
          value: "192.168.10.10"
        - name: "port"
          value: "6443"
        - name: "vip_subnet"
          value: "32"
        - name: "cp_enable"
          value: "true"
        - name: "cp_namespace"
          value: "kube-system"
        - name: "svc_enable"
          value: "false"
        - name: "vip_leaderelection"
          value: "true"
        - name: "vip_leaseduration"
          value: "15"
        - name: "vip_renewdeadline"
          value: "10"
        - name: "vip_retryperiod"
          value: "2"
        - name: "k8s_config_file"
          value: "/etc/kubernetes/admin.conf"
        - name: "vip_nodename"
          valueFrom:
            fieldRef:
              fieldPath: "spec.nodeName"
      securityContext:
        capabilities:
          add:
            - "NET_ADMIN"
            - "NET_RAW"
          drop:
            - "ALL"
      volumeMounts:
        - name: "kubeconfig"
          mountPath: "/etc/kubernetes/admin.conf"
          readOnly: true
  volumes:
    - name: "kubeconfig"
      hostPath:
        path: "/etc/rancher/rke2/rke2.yaml"
        type: "File"
`);
});

test("an IPv6 address is one of 128 bits; the interface is kube-vip's to find, the image is the user's", () => {
    const text = kubeVipManifest({ address: "fd00:10::10", image: "r.example.net/kube-vip@sha256:0" });
    expect(text).toContain('    - ip: "::1"\n');
    expect(text).toContain('      image: "r.example.net/kube-vip@sha256:0"\n');
    expect(text).toContain('        - name: "address"\n          value: "fd00:10::10"\n');
    expect(text).toContain('        - name: "vip_subnet"\n          value: "128"\n');
    expect(text).not.toContain("vip_interface");
});
