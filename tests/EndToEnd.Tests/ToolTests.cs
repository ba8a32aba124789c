using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>One drive for all tests of this class, each in a folder of its own.</summary>
public sealed class ToolDrive : IAsyncLifetime
{
    internal Rig? Rig { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Places.MayMount) Rig = await Rig.MountedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Rig is not null) await Rig.DisposeAsync();
    }
}

/// <summary>The tools that people use on a drive; what they leave there is what the bucket holds in the end.</summary>
public sealed class ToolTests(ToolDrive shared) : IClassFixture<ToolDrive>
{
    [Fact]
    public Task Cp_keeps_modes_times_and_links() => RunAsync("cp", """
        mkdir -p tree/sub/empty
        echo script > tree/script; chmod 0750 tree/script
        echo secret > tree/sub/secret; chmod 0400 tree/sub/secret
        : > tree/nothing
        ln -s sub/secret tree/link; ln -s /nowhere/at/all tree/dangling
        touch -d '2001-02-03 04:05:06.123456789' tree/script; touch -h -d '2002-02-03 04:05:06' tree/link
        touch -d '2003-02-03 04:05:06' tree/sub/empty; touch -d '1969-01-01' tree/nothing; touch -d '2004-02-03 04:05:06' tree/sub; chmod 0700 tree/sub
        cp -a tree "$HERE"/
        describe() { (cd "$1"; find . -printf '%P %y %m %s %T@ %l\n' | grep -v '^tree d\|^ d' | sed 's/ d \([0-9]*\) [0-9]* / d \1 /' | sort); }
        describe tree > expected; describe "$HERE"/tree > found
        diff expected found
        cp -a "$HERE"/tree back; describe back > found; diff expected found
        """);

    [Fact]
    public Task Mv_and_rm_do_what_they_do_elsewhere() => RunAsync("mv", """
        mkdir -p in/a/b; for i in 1 2 3 4 5; do echo $i > in/a/$i; echo b$i > in/a/b/$i; done
        mv in "$HERE"/
        cd "$HERE"
        mv in/a/1 in/a/one; mv in/a/b c; mkdir d; mv c d; mv -T d/c d/e; echo new > in/a/1
        mv in/a/2 in/a/3; test "$(cat in/a/3)" = 2
        mv in/a/4 "$WORK"/four; test "$(cat "$WORK"/four)" = 4
        cp -r d gone; rm -r gone; ! test -e gone
        mkdir deep; for i in 1 2 3 4 5 6; do mkdir -p deep/$i/x; echo $i > deep/$i/x/f; done; rm -rf deep; ! test -e deep
        ! rmdir d 2> "$WORK"/why; grep -q 'not empty' "$WORK"/why
        mkdir one; rmdir one; ! test -e one
        test "$(find . -type f | sort | tr '\n' ' ')" = "./d/e/1 ./d/e/2 ./d/e/3 ./d/e/4 ./d/e/5 ./in/a/1 ./in/a/3 ./in/a/5 ./in/a/one "
        """);

    [Fact]
    public Task Tar_packs_and_unpacks_on_the_drive() => RunAsync("tar", """
        mkdir -p tree/x/y; for i in $(seq 30); do head -c $((i * 1111)) /dev/urandom > tree/x/$i; ln -s $i tree/x/l$i; done
        tar -cf "$HERE"/packed.tar tree
        cd "$HERE"; tar -xf packed.tar; diff -r --no-dereference "$WORK"/tree tree
        tar -czf "$WORK"/back.tgz tree; tar -df "$WORK"/back.tgz
        """);

    [Fact]
    public Task Rsync_finds_nothing_left_to_do_in_both_directions() => RunAsync("rsync", """
        mkdir -p tree/sub; for i in $(seq 20); do head -c $((i * 5003)) /dev/urandom > tree/sub/$i; done; ln -s sub/1 tree/link
        rsync -a --checksum tree/ "$HERE"/tree/
        test -z "$(rsync -ai --checksum --delete tree/ "$HERE"/tree/)"
        rsync -a --checksum "$HERE"/tree/ back/; diff -r --no-dereference tree back
        echo changed >> tree/sub/3; rm tree/sub/4; rsync -a --checksum --delete tree/ "$HERE"/tree/
        rsync -a --inplace --no-whole-file tree/ "$HERE"/tree/
        test -z "$(rsync -ain --checksum --delete tree/ "$HERE"/tree/)"
        """, "rsync");

    [Fact]
    public Task Git_makes_clones_and_checks_repositories() => RunAsync("git", """
        export HOME="$WORK" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        git init -q "$HERE"/made; cd "$HERE"/made
        for i in 1 2 3; do seq $((i * 100)) > f$i; git add .; git commit -qm "commit $i"; done
        git checkout -q -b side HEAD~1; echo side > s; git add s; git commit -qm side; git checkout -q -; git merge -q -m merge side
        git fsck --strict; git gc -q; git fsck --strict; test -z "$(git status --porcelain)"
        git clone -q --no-hardlinks "$HERE"/made "$HERE"/cloned; git -C "$HERE"/cloned fsck --strict; test "$(git -C "$HERE"/cloned rev-parse HEAD)" = "$(git rev-parse HEAD)"
        git clone -q "$HERE"/made "$WORK"/out; diff "$WORK"/out/f3 f3
        """, "git");

    [Fact]
    public Task Sqlite_keeps_its_databases_whole() => RunAsync("sqlite", """
        cd "$HERE"
        sqlite3() { command sqlite3 -cmd '.timeout 20000' "$@"; }
        for mode in delete wal; do
            sqlite3 $mode.db "pragma journal_mode=$mode" "create table t(id integer primary key, v)" > "$WORK"/mode
            grep -qx $mode "$WORK"/mode
            i=0
            while [ $i -lt 5 ]; do
                sqlite3 $mode.db "begin; with recursive n(i) as (select 1 union all select i+1 from n where i<500) insert into t(v) select hex(randomblob(50)) from n; commit" &
                first=$!
                sqlite3 $mode.db "update t set v=v||'x' where id%7=$i" &
                wait $first; wait $!
                i=$((i + 1))
            done
            sqlite3 $mode.db "begin; delete from t; rollback"
            test "$(sqlite3 $mode.db 'pragma integrity_check; select count(*) from t')" = "$(printf 'ok\n2500')"
            sqlite3 $mode.db vacuum; test "$(sqlite3 $mode.db 'pragma integrity_check')" = ok
        done
        """, "sqlite3");

    [Fact]
    public Task Tar_keeps_the_times_that_it_unpacks() => RunAsync("times", """
        mkdir -p tree/sub/deep; for i in 1 2 3; do echo $i > tree/sub/deep/$i; touch -d "199$i-02-03 04:05:06.78901234$i" tree/sub/deep/$i; done
        ln -s 1 tree/sub/deep/link; touch -h -d '1998-01-02 03:04:05' tree/sub/deep/link
        touch -d '1999-01-02 03:04:05.5' tree/sub/deep; touch -d '2000-01-02 03:04:05' tree/sub; touch -d '1960-01-02 03:04:05.25' tree
        tar --format=posix -cf packed.tar tree; cd "$HERE"; tar -xf "$WORK"/packed.tar
        stamps() { (cd "$1"; find tree -printf '%p %T@\n' | sort); }
        stamps "$WORK" > "$WORK"/expected; stamps "$HERE" > "$WORK"/found; diff "$WORK"/expected "$WORK"/found
        tar -df "$WORK"/packed.tar
        """);

    [Fact]
    public Task Fio_reads_back_what_it_wrote_in_any_order() => RunAsync("fio", """
        run() { fio --directory="$HERE" --size=4m --verify=crc32c --verify_fatal=1 --do_verify=1 --fallocate=none --randseed=7 --output="$WORK"/fio.log "$@" || { cat "$WORK"/fio.log; exit 1; }; }
        run --name=sequential --rw=write --bs=64k
        run --name=random --rw=randwrite --bs=4k
        run --name=odd --rw=randwrite --bsrange=512-9k --bs_unaligned=1
        run --name=direct --rw=randwrite --bs=4k --direct=1
        run --name=mapped --rw=randwrite --bs=4k --ioengine=mmap
        run --name=both --rw=randrw --bs=16k --numjobs=2
        """, "fio");

    [Fact]
    public Task A_project_unpacked_on_the_drive_is_built_there() => RunAsync("build", """
        mkdir -p pack/src pack/eng; cp "$REPOSITORY"/Directory.*.props "$REPOSITORY"/.editorconfig "$REPOSITORY"/global.json pack/; cp "$REPOSITORY"/eng/BannedSymbols.txt pack/eng/
        (cd "$REPOSITORY"/src; tar -c --exclude=bin --exclude=obj Journal) | tar -xC pack/src
        (cd pack; tar -cz .) | tar -xzC "$HERE"
        cd "$HERE"; dotnet build src/Journal/Journal.csproj --artifacts-path "$HERE"/artifacts -nodeReuse:false -p:UseSharedCompilation=false -v quiet > "$WORK"/log || { cat "$WORK"/log; exit 1; }
        test "$(find artifacts/bin -name SyncAgent.Journal.dll | wc -l)" = 1
        """, "dotnet");

    [Fact]
    public Task Names_of_255_bytes_are_names_and_longer_ones_are_not() => RunPythonAsync("names", """
        import errno
        longest = 'n' * 251 + '😀'
        assert len(longest.encode()) == 255
        open(longest, 'w').write('whole')
        os.mkdir('d' * 255)
        os.rename(longest, 'd' * 255 + '/' + longest)
        assert os.listdir('d' * 255) == [longest] and open('d' * 255 + '/' + longest).read() == 'whole'
        for call in lambda: open('n' * 256, 'w'), lambda: os.mkdir('é' * 128), lambda: os.rename('d' * 255, 'd' * 256), lambda: os.symlink('x', 'l' * 256):
            try: call()
            except OSError as e: assert e.errno == errno.ENAMETOOLONG, e
            else: raise AssertionError('a name was taken that is too long')
        """);

    [Fact]
    public Task A_safe_save_replaces_the_file_in_one_step() => RunPythonAsync("save", """
        for i in range(20):
            fd = os.open('doc.tmp', os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            os.write(fd, b'version %d\n' % i * 500)
            os.fsync(fd)
            os.close(fd)
            os.rename('doc.tmp', 'doc.txt')
            assert open('doc.txt', 'rb').read() == b'version %d\n' % i * 500
        directory = os.open('.', os.O_RDONLY)
        os.fsync(directory)
        os.rename('doc.txt', 'doc.bak')
        open('doc.txt', 'w').write('new')
        """);

    [Fact]
    public Task A_log_opened_again_for_each_line_keeps_every_line() => RunPythonAsync("log", """
        for i in range(50):
            with open('app.log', 'a') as log: log.write(f'line {i} ' + 'x' * 100 + '\n')
        lines = open('app.log').read().splitlines()
        assert [line.split()[1] for line in lines] == [str(i) for i in range(50)], lines
        """);

    [Fact]
    public Task Truncation_cuts_and_extends_with_zeros() => RunPythonAsync("truncate", """
        data = os.urandom(100_000)
        for name in 'cut', 'grown', 'emptied', 'inside': open(name, 'wb').write(data)
        os.truncate('cut', 12_345)
        assert open('cut', 'rb').read() == data[:12_345]
        os.truncate('grown', 150_001)
        assert open('grown', 'rb').read() == data + bytes(50_001)
        open('emptied', 'w').close()
        assert os.stat('emptied').st_size == 0
        with open('inside', 'r+b') as f:
            f.truncate(500); f.seek(2000); f.write(b'end')
        assert open('inside', 'rb').read() == data[:500] + bytes(1500) + b'end'
        with open('changed', 'w+b', buffering=0) as f:
            f.write(data); os.ftruncate(f.fileno(), 70_000); f.seek(60_000); f.write(b'x' * 5)
            os.ftruncate(f.fileno(), 60_003); f.seek(0)
            assert f.read() == data[:60_000] + b'xxx'
        assert open('changed', 'rb').read() == data[:60_000] + b'xxx'
        """);

    [Fact]
    public Task Writes_through_a_memory_map_are_writes() => RunPythonAsync("mmap", """
        import mmap
        open('map', 'wb').write(bytes(300_000))
        with open('map', 'r+b') as f, mmap.mmap(f.fileno(), 0) as m:
            m[100_000:100_005] = b'hello'
            m[299_999:300_000] = b'!'
            m.flush()
            m[7:8] = b'7'
        data = open('map', 'rb').read()
        assert data[7:8] == b'7' and data[100_000:100_005] == b'hello' and data[-1:] == b'!' and len(data) == 300_000
        """);

    [Fact]
    public Task Links_lead_where_they_say_and_can_be_replaced() => RunAsync("links", """
        cd "$HERE"; mkdir target; echo inside > target/file
        ln -s target dir; ln -s target/file file; ln -s ../links/target/file round; ln -s 'with space & ünïcode' odd
        test "$(cat dir/file)" = inside; test "$(cat file)" = inside; test "$(cat round)" = inside; test "$(readlink odd)" = 'with space & ünïcode'
        ln -sfn . dir; test "$(readlink dir)" = .; mv file moved; test "$(cat moved)" = inside; rm moved; test -e target/file
        """);

    private Task RunPythonAsync(string folder, string program) => RunAsync(folder, $"cd \"$HERE\"\npython3 - <<'END'\nimport os\n{program}\nEND");

    private async Task RunAsync(string folder, string script, params string[] needed)
    {
        Places.SkipUnlessMountable();
        Places.SkipUnlessInstalled(needed);
        var rig = shared.Rig!;
        var here = Path.Combine(rig.Drive, folder);
        // Scratch files of one tool are not in the way of the next.
        await rig.ShAsync($"""
            export HERE="$DRIVE/{folder}" WORK="$WORK/tool-{folder}"
            mkdir "$HERE" "$WORK"; cd "$WORK"
            {script}
            """);
        (await rig.WaitAsync(here)).Expect(0);
        var report = (await rig.CompareAsync(here, folder + "/")).ExpectClean();
        Assert.True(report.Files > 0);
    }
}
