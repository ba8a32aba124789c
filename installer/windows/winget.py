#!/usr/bin/env python3
"""Writes the three files of a winget manifest (schema 1.6) for an MSI.

    winget.py --version VERSION --msi FILE --product-code CODE --upgrade-code CODE --home URL --downloads URL --date DATE --out DIR"""
import argparse
import hashlib
import os

IDENTIFIER = 'SyncAgent.SyncAgent'
SCHEMA = '1.6.0'

VERSION = '''\
# yaml-language-server: $schema=https://aka.ms/winget-manifest.version.{schema}.schema.json
PackageIdentifier: {identifier}
PackageVersion: {version}
DefaultLocale: en-US
ManifestType: version
ManifestVersion: {schema}
'''

INSTALLER = '''\
# yaml-language-server: $schema=https://aka.ms/winget-manifest.installer.{schema}.schema.json
PackageIdentifier: {identifier}
PackageVersion: {version}
Platform:
- Windows.Desktop
MinimumOSVersion: 10.0.17763.0
InstallerType: wix
Scope: machine
InstallModes:
- interactive
- silent
- silentWithProgress
UpgradeBehavior: install
Commands:
- syncagent
ReleaseDate: {date}
Dependencies:
  PackageDependencies:
  - PackageIdentifier: WinFsp.WinFsp
    MinimumVersion: '2.0'
Installers:
- Architecture: x64
  InstallerUrl: {downloads}/{file}
  InstallerSha256: {sha256}
  ProductCode: '{product_code}'
  AppsAndFeaturesEntries:
  - DisplayName: SyncAgent
    Publisher: SyncAgent
    DisplayVersion: {numbers}
    ProductCode: '{product_code}'
    UpgradeCode: '{upgrade_code}'
    InstallerType: wix
ManifestType: installer
ManifestVersion: {schema}
'''

LOCALE = '''\
# yaml-language-server: $schema=https://aka.ms/winget-manifest.defaultLocale.{schema}.schema.json
PackageIdentifier: {identifier}
PackageVersion: {version}
PackageLocale: en-US
Publisher: SyncAgent
PublisherUrl: {home}
PackageName: SyncAgent
PackageUrl: {home}
License: Apache-2.0
ShortDescription: A local virtual drive over an object store; what is copied into it arrives in the bucket.
Description: |-
  Copy files into a drive letter, and they arrive in a bucket of Alibaba Cloud OSS or S3: as resumable multipart uploads that go on after a kill, a reboot or a day
  without a network. Drives need WinFsp. Tested under Wine only so far: a beta.
Tags:
- drive
- object-storage
- oss
- s3
- sync
- upload
ManifestType: defaultLocale
ManifestVersion: {schema}
'''


def main():
    parser = argparse.ArgumentParser()
    for name in ('version', 'msi', 'product-code', 'upgrade-code', 'home', 'downloads', 'date', 'out'):
        parser.add_argument(f'--{name}', required=True)
    options = parser.parse_args()
    with open(options.msi, 'rb') as file:
        sha256 = hashlib.file_digest(file, 'sha256').hexdigest().upper()
    numbers = options.version.split('-')[0].split('+')[0]
    values = {**vars(options), 'identifier': IDENTIFIER, 'schema': SCHEMA, 'sha256': sha256, 'file': os.path.basename(options.msi), 'numbers': numbers}
    os.makedirs(options.out, exist_ok=True)
    for kind, text in (('', VERSION), ('.installer', INSTALLER), ('.locale.en-US', LOCALE)):
        with open(os.path.join(options.out, f'{IDENTIFIER}{kind}.yaml'), 'w') as file:
            file.write(text.format(**values))


main()
