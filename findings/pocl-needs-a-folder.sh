#!/usr/bin/env bash
# pocl-needs-a-folder.sh - PoCL 3.1 of Debian 12 (libpocl2 3.1-3+deb12u1), loader
# ocl-icd-libopencl1 2.3.1-1
#
# Where PoCL cannot make its cache folder ($POCL_CACHE_DIR, $XDG_CACHE_HOME/pocl, ~/.cache/pocl), as
# in a container with a read-only root or HOME=/, its platform is listed as ever, but clGetDeviceIDs
# says CL_DEVICE_NOT_FOUND, as a platform of GPUs does on a machine without any: no word of a
# folder. A program that then says "install PoCL" sends its user the wrong way. POCL_KERNEL_CACHE=0
# does not help: the folder is for the compiler's files too. Without a HOME the folder is /tmp/pocl
# for all users of the machine, and belongs to the first.
#
# Seen:
#   HOME writable           1 platform, clGetDeviceIDs   0, 1 device
#   HOME not writable       1 platform, clGetDeviceIDs  -1, 0 devices
#   no kernel cache wanted  1 platform, clGetDeviceIDs  -1, 0 devices
#   POCL_CACHE_DIR set      1 platform, clGetDeviceIDs   0, 1 device
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 .
apt-get -q -q download libpocl2=3.1-3+deb12u1 libpocl2-common=3.1-3+deb12u1 \
  libclang-cpp15=1:15.0.6-4+b1 libllvm15=1:15.0.6-4+b1 ocl-icd-libopencl1=2.3.1-1 libhwloc15=2.9.0-1
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
mkdir vendors home
touch file # nobody can make a folder in it, root included
echo "$libraries/libpocl.so.2.10.0" > vendors/pocl.icd
cat > list.py <<'PYTHON'
import ctypes

cl = ctypes.CDLL("libOpenCL.so.1")
platforms, count, devices = (ctypes.c_void_p * 8)(), ctypes.c_uint(0), ctypes.c_uint(0)
cl.clGetPlatformIDs(8, platforms, ctypes.byref(count))
code = cl.clGetDeviceIDs(ctypes.c_void_p(platforms[0]), ctypes.c_ulong(0xFFFFFFFF), 0, None,
                         ctypes.byref(devices))
print(f"{count.value} platform, clGetDeviceIDs {code:3}, {devices.value if code == 0 else 0} device"
      f"{'' if code == 0 and devices.value == 1 else 's'}")
PYTHON
list() {
  printf '%-22s  ' "$1"
  shift
  env -i PATH="$PATH" LD_LIBRARY_PATH="$libraries" OCL_ICD_VENDORS="$work/vendors" "$@" \
    python3 list.py
}
{
  list "HOME writable" HOME="$work/home"
  list "HOME not writable" HOME="$work/file/home"
  list "no kernel cache wanted" HOME="$work/file/home" POCL_KERNEL_CACHE=0
  list "POCL_CACHE_DIR set" HOME="$work/file/home" POCL_CACHE_DIR="$work/cache"
} | tee seen
diff - seen <<'SEEN'
HOME writable           1 platform, clGetDeviceIDs   0, 1 device
HOME not writable       1 platform, clGetDeviceIDs  -1, 0 devices
no kernel cache wanted  1 platform, clGetDeviceIDs  -1, 0 devices
POCL_CACHE_DIR set      1 platform, clGetDeviceIDs   0, 1 device
SEEN
