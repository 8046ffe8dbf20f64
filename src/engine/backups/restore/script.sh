# Puts what was staged beside a server's data in its place, and back. Runs in a throw-away container that has the data at
# ROOT and nothing else; also plain `sh`, busybox's included.
#
#   sh -c SCRIPT mineclifford-restore ROOT VERB JOB
#
# In ROOT/.mineclifford/JOB there is for each folder that something is replaced in:
#   units/N/at       the folder's path from ROOT on, empty for ROOT itself
#   units/N/new/X    what will be called X there
#   units/N/put/X    an empty file: X is replaced, or made
#   units/N/away/X   an empty file: X is moved away and nothing takes its place
#   units/N/solid/X  an empty file: of the X that is there now nothing is taken over into the new one, but for
#   units/N/keep/X/… an empty file for each thing in it that is: what no backup holds, because patterns leave it out
#   units/N/old/X    what was moved away
#   units/N/stray/N  what somebody made in between
#
# Every change is a rename within one disk. Whatever moment this ends at, `swap` goes on from there and `undo` goes back.
# Names are never part of a command: they come from these folders, whatever characters they have.
set -u
LC_ALL=C
export LC_ALL

stop() {
    printf '%s\n' "$*" >&2
    exit 3
}

there() {
    [ -e "$1" ] || [ -L "$1" ]
}

root=$1 verb=$2 job=$3
cd "$root" || stop "the data folder is not there"
own=.mineclifford
home=$own/$job
case $job in '' | *[!0-9a-f-]*) stop "this is no job's id" ;; esac
for folder in "$own" "$home" "$home/units"; do
    if [ -L "$folder" ] || { [ -e "$folder" ] && [ ! -d "$folder" ]; }; then
        stop "something else is in the place of the folder that is needed for this: $folder"
    fi
done
owner=$(stat -c %u:%g .) || stop "the owner of the data folder is not known"

# Goes through the folders of $at: none may be a link or a file. Sets $place; and $missing, how many are not there.
find_place() {
    at=$(cat "$unit/at" && echo x) || stop "what was staged is not whole"
    at=${at%x}
    place=. missing=0 rest=$at
    while [ -n "$rest" ]; do
        place=$place/${rest%%/*}
        case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
        [ ! -L "$place" ] || stop "a link stands in the way: $place"
        if [ ! -d "$place" ]; then
            [ ! -e "$place" ] || stop "a file stands in the way: $place"
            missing=$((missing + 1))
        fi
    done
}

make_place() {
    place=. rest=$at
    while [ -n "$rest" ]; do
        place=$place/${rest%%/*}
        case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
        if [ ! -d "$place" ]; then
            mkdir "$place" && chown "$owner" "$place" || stop "a folder could not be made: $place"
        fi
    done
}

# Removes the folders that make_place made, where nothing is in them.
unmake_place() {
    count=$(cat "$unit/made")
    while [ "${count:-0}" -gt 0 ] && [ "$place" != . ]; do
        [ ! -d "$place" ] || rmdir "$place" 2> /dev/null || return 0
        place=${place%/*}
        count=$((count - 1))
    done
}

# Moves things into a folder: move FOLDER THING…
move() {
    target=$1
    shift
    [ $# = 0 ] || mv -f -- "$@" "$target/" || stop "moving to $target failed"
}

# Moves something out of the way that came in between.
set_aside() {
    number=0
    while there "$unit/stray/$number"; do number=$((number + 1)); done
    mkdir "$unit/stray/$number" && move "$unit/stray/$number" "$1"
}

is_folder() {
    [ -d "$1" ] && [ ! -L "$1" ]
}

# Takes over what the old folder $1 has and the new one $2 has not. Where both have a name, the new one's counts.
carry() {
    for from in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        there "$from" || continue
        take_over "$from" "$2/${from##*/}"
    done
}

take_over() {
    if is_folder "$1" && is_folder "$2"; then
        # In a shell of its own, whose variables are its own.
        (carry "$1" "$2") || exit 3
    elif ! there "$2"; then
        cp -al -- "$1" "$2" 2> /dev/null || {
            # A disk without hard links.
            rm -rf -- "$2"
            cp -a -- "$1" "$2" || stop "what the backup does not hold could not be taken over: $1"
        }
    fi
}

# Takes over from the old folder $1 into the new one $2 what has a mark in $3.
carry_marked() {
    for mark in "$3"/* "$3"/.[!.]* "$3"/..?*; do
        there "$mark" || continue
        from=$1/${mark##*/} to=$2/${mark##*/}
        there "$from" || continue
        if [ ! -d "$mark" ]; then
            take_over "$from" "$to"
            continue
        fi
        is_folder "$from" || continue
        if ! there "$to"; then
            mkdir "$to" && chown "$(stat -c %u:%g "$from")" "$to" && chmod "$(stat -c %a "$from")" "$to" ||
                stop "there is no space left for what the backup does not hold"
        fi
        # Where the backup has a file or a link of that name, that counts.
        if is_folder "$to"; then
            (carry_marked "$from" "$to" "$mark") || exit 3
        fi
    done
}

flush() {
    sync -f . 2> /dev/null || sync
}

now() {
    read -r seconds _ < /proc/uptime && printf '%s\n' "$seconds"
}

look() {
    free=$(stat -f -c '%a %S' .) || free='0 0'
    printf 'owner %s\nfree %s\n' "$owner" "$((${free% *} * ${free#* }))"
}

prepare() {
    [ -d "$own" ] || mkdir "$own" || stop "there is no space left for what is restored"
    mkdir -m 700 "$home" || stop "the folder for what is restored could not be made"
}

# Writes down what is in the worlds that are there and not in those that are to take their place: a kind, the unit, the
# path from its folder on, a NUL; in files of what fits into one command, each ended by a dot.
SHOW='
folder=$1 unit=$2 new=$3
shift 3
number=0
while [ -e "$folder/$number" ]; do number=$((number + 1)); done
(
    for path; do
        if [ -e "$new/$path" ] || [ -L "$new/$path" ]; then continue; fi
        kind=o
        if [ -L "$path" ]; then kind=l; elif [ -d "$path" ]; then kind=d; elif [ -f "$path" ]; then kind=f; fi
        printf "%s%s/%s\\0" "$kind" "$unit" "${path#./}" || exit 3
    done
    printf ".\\0" || exit 3
) > "$folder/$number" || printf "no space is left\\n" >&2
'

list() {
    mkdir "$home/list" || stop "there is no space left for what is restored"
    for unit in "$home"/units/*; do
        [ -f "$unit/at" ] || continue
        find_place
        [ "$missing" = 0 ] || continue
        for mark in "$unit"/solid/* "$unit"/solid/.[!.]* "$unit"/solid/..?* \
            "$unit"/away/* "$unit"/away/.[!.]* "$unit"/away/..?*; do
            there "$mark" || continue
            name=${mark##*/}
            is_folder "$place/$name" || continue
            # Not every `find` tells by its code that a command failed.
            said=$(here=$PWD && cd "$place" &&
                find "./$name" -exec sh -c "$SHOW" sh "$here/$home/list" "${unit##*/}" "$here/$unit/new" {} + 2>&1) ||
                stop "the world that is there could not be looked through: $said"
            [ -z "$said" ] || stop "the world that is there could not be looked through: $said"
        done
    done
    number=0
    while [ -e "$home/list/$number" ]; do number=$((number + 1)); done
    printf 'pages %s\n' "$number"
}

# All that takes space is done here, while nothing has been moved yet.
ready() {
    for unit in "$home"/units/*; do
        mkdir -p "$unit/new" "$unit/put" "$unit/away" "$unit/solid" "$unit/old" "$unit/stray" ||
            stop "there is no space left for what is restored"
        find_place
        for mark in "$unit"/put/* "$unit"/put/.[!.]* "$unit"/put/..?*; do
            there "$mark" || continue
            name=${mark##*/}
            there "$unit/new/$name" || stop "what was staged is not whole: $name is missing"
            [ "$missing" = 0 ] && is_folder "$place/$name" && is_folder "$unit/new/$name" || continue
            if ! there "$unit/solid/$name"; then
                (carry "$place/$name" "$unit/new/$name") || exit 3
            elif is_folder "$unit/keep/$name"; then
                (carry_marked "$place/$name" "$unit/new/$name" "$unit/keep/$name") || exit 3
            fi
        done
        # What would only be moved away stays, when there is something in it that no backup holds.
        for mark in "$unit"/keep/* "$unit"/keep/.[!.]* "$unit"/keep/..?*; do
            there "$mark" || continue
            rm -f -- "$unit/away/${mark##*/}" || stop "what is to stay could not be noted"
        done
        printf '%s' "$missing" > "$unit/made" || stop "there is no space left for what is restored"
        make_place
    done
    : > "$home/waiting" || stop "there is no space left for what is restored"
    flush
}

swap() {
    began=$(now)
    if ! there "$home/swapping"; then
        mv -f "$home/waiting" "$home/swapping" || stop "what was staged is not whole"
    fi
    for unit in "$home"/units/*; do
        find_place
        [ "$missing" = 0 ] || make_place
        set --
        for mark in "$unit"/put/* "$unit"/put/.[!.]* "$unit"/put/..?* \
            "$unit"/away/* "$unit"/away/.[!.]* "$unit"/away/..?*; do
            there "$mark" || continue
            name=${mark##*/}
            # One that is no longer in new/ is in its place already.
            there "$unit/new/$name" || there "$unit/away/$name" || continue
            there "$place/$name" || continue
            if there "$unit/old/$name"; then set_aside "$place/$name"; else set -- "$@" "$place/$name"; fi
        done
        move "$unit/old" "$@"
        set --
        for mark in "$unit"/put/* "$unit"/put/.[!.]* "$unit"/put/..?*; do
            there "$mark" || continue
            name=${mark##*/}
            if there "$unit/new/$name"; then set -- "$@" "$unit/new/$name"; fi
        done
        move "$place" "$@"
    done
    printf 'moved %s %s\n' "$began" "$(now)"
    flush
}

undo() {
    if there "$home/swapping"; then
        for unit in "$home"/units/*; do
            [ -f "$unit/at" ] || continue
            find_place
            [ "$missing" = 0 ] || make_place
            set --
            for mark in "$unit"/put/* "$unit"/put/.[!.]* "$unit"/put/..?* \
                "$unit"/away/* "$unit"/away/.[!.]* "$unit"/away/..?*; do
                there "$mark" || continue
                name=${mark##*/}
                there "$place/$name" || continue
                if there "$unit/put/$name" && ! there "$unit/new/$name"; then
                    set -- "$@" "$place/$name"
                elif there "$unit/old/$name"; then
                    set_aside "$place/$name"
                fi
            done
            move "$unit/new" "$@"
            set --
            for old in "$unit"/old/* "$unit"/old/.[!.]* "$unit"/old/..?*; do
                if there "$old"; then set -- "$@" "$old"; fi
            done
            move "$place" "$@"
        done
    fi
    # Where no folder was made, nobody needs to get there.
    for unit in "$home"/units/*; do
        [ -f "$unit/made" ] || continue
        find_place
        unmake_place
    done
    flush
}

# Removes what was staged. After an undo there must be nothing left that was moved away.
drop() {
    if [ "$1" = undone ]; then
        for old in "$home"/units/*/old/* "$home"/units/*/old/.[!.]* "$home"/units/*/old/..?*; do
            ! there "$old" || stop "something of the old data is not back in its place: $old"
        done
    fi
    # Docker may still be writing the last piece of an upload that was broken off.
    for attempt in 1 2 3 4 5; do
        rm -rf -- "$home" 2> /dev/null && break
        sleep 1
    done
    ! there "$home" || stop "what is no longer needed could not be removed: $home"
    [ ! -d "$own" ] || rmdir "$own" 2> /dev/null || :
    flush
}

case $verb in
    look | prepare | list | ready | swap | undo) "$verb" ;;
    page-*[!0-9]* | page-) stop "there is no such page: $verb" ;;
    page-*) cat "$home/list/${verb#page-}" ;;
    drop | drop-undone) drop "${verb#drop-}" ;;
    *) stop "there is no such step: $verb" ;;
esac
