#!/usr/bin/env bash
# Bounds jobs with control groups of version 2 on a kernel of Debian in a virtual machine, whatever this machine has. Not part of the build: it
# takes about 10 minutes, because processors are emulated. Needs qemu-system-x86, busybox-static, cpio, bubblewrap and a Maven that can reach a
# repository. usage: bench/cgroup2.sh [FOLDER_WITH_AN_UNPACKED_LINUX_IMAGE_PACKAGE]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jdk=$("$root/fairway" --print-jdk)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

kernel=${1:-$work/kernel}
if [[ ! -d $kernel ]]; then
  package=$(apt-cache depends linux-image-amd64 | sed -nE 's/^ *Depends: (linux-image-[0-9].*)/\1/p' | head -1)
  (cd "$work" && apt-get download -q "$package" 2>/dev/null && dpkg -x linux-image-*.deb "$kernel")
fi

(cd "$root" && JAVA_HOME=$jdk mvn -B -q -Dfast -pl agent -am test-compile dependency:build-classpath -Dmdep.outputFile="$work/path" -Dmdep.includeScope=test)
mkdir -p "$work"/{jars,classes} "$work"/first/{bin,modules,proc,sys,dev,host,top,new}
number=0
for entry in $(tr ':' ' ' < "$work/path"); do
  cp -r "$entry" "$work/jars/$((number++))-$(basename "$entry")"
done
cp -r "$root"/agent/target/{classes,test-classes}/. "$work/classes/"
"$jdk/bin/javac" -d "$work/classes" -cp "$(printf '%s:' "$work"/jars/*)" "$root/bench/cgroup2/Tests.java"
cp "$root/bench/cgroup2/inside.sh" "$work/"
echo "$jdk/bin/java" > "$work/java"
chmod -R a+rX "$work"

# The first file system holds what it takes to see this machine's one, read-only below a layer in memory.
cp "$(command -v busybox)" "$work/first/bin/busybox"
modules="virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay"
for module in $modules; do
  find "$kernel" -name "$module.ko" -exec cp {} "$work/first/modules/" \;
done
cat > "$work/first/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
for module in $modules; do insmod /modules/\$module.ko; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
mount -t tmpfs -o size=1g none /top; mkdir /top/upper /top/work
mount -t overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/work none /new
mount -t proc none /new/proc; mount -t sysfs none /new/sys; mount -t devtmpfs none /new/dev
mkdir -p /new/dev/shm; mount -t tmpfs none /new/dev/shm; mount -t tmpfs none /new/run; mount -t tmpfs none /new/tmp
mount -t cgroup2 none /new/sys/fs/cgroup
mount -o bind /host$work /new/mnt
exec switch_root /new /bin/bash -c 'ip link set lo up; bash /mnt/inside.sh /mnt; busybox poweroff -f'
END
chmod +x "$work/first/init"
(cd "$work/first" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/first.gz"

nice qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 2560 -smp 2 -nographic -no-reboot \
  -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/first.gz" -append "console=ttyS0 quiet loglevel=0 panic=-1" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap < /dev/null |
  sed -u -e 's/\r//g' -e 's/^.*\x1b\[[0-9;?]*[A-Za-z]//' | sed -u -n '/^kernel /,$p' | grep --line-buffered -v 'reboot: ' | tee "$work/said"
grep -q '^all bounds hold' "$work/said"
