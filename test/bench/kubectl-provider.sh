#!/bin/bash
# Answers the questions of a reconciler as upstream's script does: find the pod by label, then ask tmux in it.
# Environment: KUBECTL, KUBECONFIG, NAMESPACE. Arguments: operation, session, key.
set -u
kube() { "$KUBECTL" -n "$NAMESPACE" "$@"; }
operation=$1 session=${2:-}
running() { kube get pods -l "gc-session=$session" --field-selector=status.phase=Running -o 'jsonpath={.items[0].metadata.name}'; }
any() { kube get pods -l "gc-session=$session" -o 'jsonpath={.items[0].metadata.name}'; }

case $operation in
is-running)
  pod=$(running) && [ -n "$pod" ] && kube exec "$pod" -- tmux has-session -t main 2>/dev/null && echo true || echo false
  ;;
list-running)
  kube get pods -l app=gc-agent --field-selector=status.phase=Running \
    -o 'jsonpath={range .items[*]}{.metadata.annotations.gc-session-name}{"\n"}{end}'
  ;;
get-last-activity)
  pod=$(running) && seconds=$(kube exec "$pod" -- tmux display-message -t main -p '#{session_activity}') &&
    date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ
  ;;
process-alive)
  pod=$(running)
  [ -z "$(kube get pod "$pod" -o 'jsonpath={.metadata.deletionTimestamp}')" ] || { echo false && exit; }
  answer=false
  while read -r name || [ -n "$name" ]; do kube exec "$pod" -- pgrep -f "$name" >/dev/null && answer=true && break; done
  echo $answer
  ;;
get-meta)
  # Upstream finds nothing of the start's environment there, gc's identity among it; the comparison gives it the answer.
  pod=$(any) && value=$(kube exec "$pod" -- tmux show-environment -t main "$3" 2>/dev/null) && case $value in
  "$3="*) printf %s "${value#*=}" ;;
  esac
  exit 0
  ;;
*) exit 2 ;;
esac
