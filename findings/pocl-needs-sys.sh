#!/usr/bin/env bash
# pocl-needs-sys.sh - PoCL 3.1 of Debian 12 (libpocl2 3.1-3+deb12u1), hwloc 2.9.0
#
# Where /sys is not mounted, as in a chroot that only has /proc (package builders, rescue systems),
# the first clGetDeviceIDs does not fail: PoCL writes "Not enough memory to run on this device." and
# calls abort(), and the program that asked for devices is gone, with exit code 134. It has asked
# hwloc for the machine's memory, which hwloc on Linux reads from /sys alone: it is 0. Memory was
# never short, and no environment variable of PoCL helps; mount -t sysfs -o ro sysfs ROOT/sys does.
#
# Seen (root, for a mount namespace of its own):
#   with /sys     exit code 0, 1 device
#   without /sys  exit code 134, 0 devices, Not enough memory to run on this device.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q -q download libpocl2=3.1-3+deb12u1 libpocl2-common=3.1-3+deb12u1 \
  libclang-cpp15=1:15.0.6-4+b1 libllvm15=1:15.0.6-4+b1 ocl-icd-libopencl1=2.3.1-1 libhwloc15=2.9.0-1
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
mkdir vendors
echo "$libraries/libpocl.so.2.10.0" > vendors/pocl.icd
cat > list.py <<'PYTHON'
import ctypes

cl = ctypes.CDLL("libOpenCL.so.1")
platforms, devices = (ctypes.c_void_p * 8)(), ctypes.c_uint(0)
cl.clGetPlatformIDs(8, platforms, None)
cl.clGetDeviceIDs(ctypes.c_void_p(platforms[0]), ctypes.c_ulong(0xFFFFFFFF), 0, None,
                  ctypes.byref(devices))
print(f"{devices.value} device{'' if devices.value == 1 else 's'}", flush=True)
PYTHON
list() { # NAME, a command before
  local code=0
  unshare -m sh -c "$2 exec env -i HOME=$work LD_LIBRARY_PATH=$libraries \
    OCL_ICD_VENDORS=$work/vendors $(command -v python3) list.py" > out 2> errors || code=$?
  [ -s out ] || echo "0 devices" > out
  printf '%-12s  exit code %d, %s' "$1" $code "$(cat out)"
  grep -o 'Not enough memory to run on this device.' errors | sed 's/^/, /' | tr -d '\n' || true
  echo
}
{
  list "with /sys" ""
  list "without /sys" "mount -t tmpfs none /sys &&"
} | tee seen
diff - seen <<'SEEN'
with /sys     exit code 0, 1 device
without /sys  exit code 134, 0 devices, Not enough memory to run on this device.
SEEN
