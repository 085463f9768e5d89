#!/bin/sh
# Runs as root inside the new file tree, after its packages were installed.
set -eu

groupadd --gid 1000 gcagent
useradd --uid 1000 --gid 1000 --create-home --shell /bin/bash gcagent
install -d -o gcagent -g gcagent /workspace

# What no agent needs, or what would tell two builds apart.
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /usr/share/doc /usr/share/man /usr/share/info \
  /usr/share/locale /usr/share/lintian /debootstrap /etc/machine-id /etc/resolv.conf /etc/hostname
find /tmp /var/tmp -mindepth 1 -delete
