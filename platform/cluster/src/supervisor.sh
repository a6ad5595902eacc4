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
(
  while read -r _ <&3; do :; done
  kill -s USR1 $$
  if [ "$target" = group ]; then kill -s "$first" 0; else kill -s "$first" "$program"; fi
  tenths=0
  while [ "$tenths" -lt "$((seconds * 10))" ] && kill -0 "$program"; do
    sleep 0.1 3<&-
    tenths=$((tenths + 1))
  done
  kill -s "$last" "$program"
  sleep 5 3<&-
  kill -s KILL "$program"
) &
watcher=$!
exec 3<&-
wait "$program"
code=$?
if [ -n "$stopping" ]; then
  wait "$program"
  code=$?
fi
# What the program left behind in its group ends too.
if [ -n "$stopping" ] && [ "$target" = group ]; then
  kill -s KILL 0
fi
kill -s KILL "$watcher"
exit "$code"
