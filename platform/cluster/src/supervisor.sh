# supervisor.sh SIGNAL (process|group) SECONDS LAST-SIGNAL PROGRAM [ARGUMENT...]
#
# Runs PROGRAM and stops it when the standard input of this script closes. Whoever started the script holds the
# other end of that pipe, so the program ends with it, even if it is killed with -9 and can run no code at all.
first=$1 target=$2 seconds=$3 last=$4
shift 4
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
exec 2>/dev/null
stopping=
trap 'stopping=1' USR1
trap '' INT TERM HUP QUIT
gone_within() {
  tenths=$(($1 * 10))
  while kill -0 "$program"; do
    if [ "$tenths" -le 0 ]; then return 1; fi
    tenths=$((tenths - 1))
    sleep 0.1 3<&-
  done
}
(
  while read -r _ <&3; do :; done
  kill -s USR1 $$
  if [ "$target" = group ]; then kill -s "$first" 0; else kill -s "$first" "$program"; fi
  gone_within "$seconds" && exit
  kill -s "$last" "$program"
  gone_within 5 || kill -s KILL "$program"
) &
watcher=$!
exec 3<&-
wait "$program"
code=$?
if [ -n "$stopping" ]; then
  wait "$program"
  code=$?
  # It ends by itself, so that nothing of ours is left for somebody else to reap.
  wait "$watcher"
  # What the program left behind in its group ends too.
  if [ "$target" = group ]; then kill -s KILL 0; fi
else
  kill -s KILL "$watcher"
  wait "$watcher"
fi
exit "$code"
