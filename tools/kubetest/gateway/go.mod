// Which kinds of the Gateway API tests have: its module brings their definitions as files. See ../src/gateway.rs.
module example.invalid/gateway

go 1.25.0

require sigs.k8s.io/gateway-api v1.4.1
