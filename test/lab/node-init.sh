#!/bin/bash
# Process 1 of a lab node: node-init.sh LAB_DIRECTORY NODE_NAME, inside new mount, uts, ipc, pid and net namespaces.
# Gives the node a root file system that is an overlay of the machine's own, then starts one program for every line
# it reads from its standard input. The lab's process holds the other end: when that process dies, the input ends,
# this process ends, and the kernel takes everything in the node with it.
set -euo pipefail
node=$1/nodes/$2 name=$2 root=$1/nodes/$2/fs/root
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

mount --make-rprivate /
mount -t tmpfs -o mode=755,size=1g lab "$node/fs"
mkdir "$node/fs/upper" "$node/fs/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$node/fs/upper,workdir=$node/fs/work" lab "$root"

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
# The engine needs the machine's cgroups; `ip netns exec` would have hidden them behind a new /sys.
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/run/lock"

# Whatever the umask of the person who started the lab: the accounts of a node must be able to read its files.
chmod -R go+rX "$node/files"
cp -a "$node/files/." "$root/"
[ ! -e "$root/etc/ssh/lab_host_key" ] || chmod 600 "$root/etc/ssh/lab_host_key"
while read -r source target; do
  mkdir -p "$root$target"
  case $source in
  tmpfs:*) mount -t tmpfs -o "mode=711,size=${source#tmpfs:}" small "$root$target" ;;
  *) mount --bind "$source" "$root$target" ;;
  esac
done <"$node/binds"
hostname "$name"
# Tells the lab that /proc/PID/root is this node and no longer the machine itself.
touch "$root/run/lab-node"

mkdir "$root/.machine"
cd "$root"
pivot_root . .machine
umount -l /.machine
rmdir /.machine
cd /

set +e
# bash waits for whatever is given to process 1 to bury, so containers leave no zombies.
while read -ra program; do
  "${program[@]}" </dev/null &
done
