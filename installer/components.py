#!/usr/bin/env python3
"""Writes the bill of materials (CycloneDX 1.5) and the licences of what is inside the published programs.

    components.py --version VERSION --sbom FILE --notices FILE ASSETS...

ASSETS are the project.assets.json of the published projects: what NuGet restored for them, with the .NET that a self-contained program
carries. Only what has files that run is listed, not what merely builds. SOURCE_DATE_EPOCH is the time that is written."""
import argparse
import base64
import datetime
import json
import os
import sys
import uuid
import xml.etree.ElementTree as xml

LICENCE_FILES = ('license', 'license.txt', 'license.md', 'copying', 'notice', 'notice.txt', 'notice.md', 'thirdpartynotices.txt', 'third-party-notices.txt')


def runs(library):
    """Whether it brings something into the program, and not only names others or helps to build."""
    files = [*library.get('runtime', {}), *library.get('native', {}), *library.get('runtimeTargets', {})]
    return library['type'] == 'package' and any(not file.endswith('_._') for file in files)


def packages_of(assets):
    """(name, version, folder, sha512 in base64 or None) of all packages that a program has in it."""
    folders = list(assets['packageFolders'])
    target = next(libraries for name, libraries in assets['targets'].items() if '/' in name)
    for key, library in target.items():
        if not runs(library):
            continue
        entry = assets['libraries'][key]
        yield (*key.split('/'), find(folders, entry['path']), entry.get('sha512'))
    for framework in assets['project']['frameworks'].values():
        for pack in framework.get('downloadDependencies', []):
            if '.Runtime.' not in pack['name']:
                continue  # the compiler
            version = pack['version'].strip('[]').split(',')[0]
            folder = find(folders, f"{pack['name'].lower()}/{version}")
            yield pack['name'], version, folder, read_hash(folder, pack['name'], version)


def find(folders, path):
    return next((os.path.join(folder, path) for folder in folders if os.path.isdir(os.path.join(folder, path))), None) or sys.exit(f'components.py: {path} is not restored')


def read_hash(folder, name, version):
    with open(os.path.join(folder, f'{name.lower()}.{version}.nupkg.sha512')) as file:
        return file.read().strip()


def metadata_of(folder):
    """What the package says of itself."""
    spec = next(file for file in os.listdir(folder) if file.endswith('.nuspec'))
    root = xml.parse(os.path.join(folder, spec)).getroot()
    found = {}
    for element in root.iter():
        name = element.tag.split('}')[-1]
        if name in ('authors', 'copyright', 'projectUrl', 'licenseUrl'):
            found[name] = (element.text or '').strip()
        elif name == 'license':
            found['license' if element.get('type') == 'expression' else 'licenseFile'] = (element.text or '').strip()
        elif name == 'repository':
            found['repository'] = element.get('url', '')
    return found


def texts_of(folder, metadata):
    """Licence and notice files, by name; a package of ready-made binaries has them at its top."""
    names = [name for name in sorted(os.listdir(folder)) if name.lower() in LICENCE_FILES or name == metadata.get('licenseFile')]
    for name in names:
        with open(os.path.join(folder, name), encoding='utf-8-sig', errors='replace') as file:
            yield name, file.read().replace('\r\n', '\n').rstrip()


def component(name, version, sha512, metadata):
    url = f'pkg:nuget/{name}@{version}'
    described = {'type': 'library', 'bom-ref': url, 'name': name, 'version': version, 'purl': url}
    if sha512:
        described['hashes'] = [{'alg': 'SHA-512', 'content': base64.b64decode(sha512).hex()}]
    if metadata.get('license'):
        described['licenses'] = [{'expression': metadata['license']}]
    elif metadata.get('licenseUrl') or metadata.get('licenseFile'):
        described['licenses'] = [{'license': {'name': metadata.get('licenseFile') or metadata['licenseUrl']}}]
    if metadata.get('copyright'):
        described['copyright'] = metadata['copyright']
    references = [{'type': kind, 'url': metadata[key]} for kind, key in (('website', 'projectUrl'), ('vcs', 'repository')) if metadata.get(key)]
    if references:
        described['externalReferences'] = references
    return described


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--version', required=True)
    parser.add_argument('--sbom', required=True)
    parser.add_argument('--notices', required=True)
    parser.add_argument('assets', nargs='+')
    options = parser.parse_args()
    packages = {}
    for path in options.assets:
        with open(path) as file:
            for name, version, folder, sha512 in packages_of(json.load(file)):
                packages[name, version] = (folder, sha512, metadata_of(folder))
    components = [component(*key, sha512, metadata) for key, (_, sha512, metadata) in sorted(packages.items())]
    own = f'pkg:generic/syncagent@{options.version}'
    when = datetime.datetime.fromtimestamp(int(os.environ['SOURCE_DATE_EPOCH']), datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    bill = {
        'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'version': 1,
        'serialNumber': uuid.uuid5(uuid.NAMESPACE_URL, own + json.dumps(components)).urn,
        'metadata': {
            'timestamp': when,
            'component': {'type': 'application', 'bom-ref': own, 'name': 'syncagent', 'version': options.version, 'purl': own, 'licenses': [{'expression': 'Apache-2.0'}]},
        },
        'components': components,
        'dependencies': [{'ref': own, 'dependsOn': [described['bom-ref'] for described in components]}],
    }
    with open(options.sbom, 'w') as file:
        json.dump(bill, file, indent=1)
        file.write('\n')

    seen = {}
    with open(options.notices, 'w') as file:
        file.write(f'SyncAgent {options.version} has the following software in it. Where only the name of a licence is given: the text of Apache-2.0 is that\n'
                   'of SyncAgent itself, the text of MIT that of Microsoft.NETCore.App.Runtime below.\n')
        for (name, version), (folder, _, metadata) in sorted(packages.items()):
            file.write(f'\n{"=" * 100}\n{name} {version}\n')
            licence = 'license' if metadata.get('license') else 'licenseUrl'
            for title, key in (('Authors', 'authors'), ('Copyright', 'copyright'), ('Licence', licence), ('Source', 'repository'), ('Website', 'projectUrl')):
                if metadata.get(key):
                    file.write(f'{title}: {metadata[key]}\n')
            for title, text in texts_of(folder, metadata):
                # The two parts of .NET have the same long list.
                if text in seen:
                    file.write(f'\n{title}: the same as that of {seen[text]}\n')
                else:
                    seen[text] = f'{name} {version}'
                    file.write(f'\n{title}:\n\n{text}\n')


main()
