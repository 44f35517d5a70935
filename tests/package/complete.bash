# complete.bash FILE LINE... - what bash offers for the last word of each line, one line for each:
# "[convert]"
source "$1"
shift
for line in "$@"; do
    read -ra COMP_WORDS <<<"$line"
    [[ $line != *" " ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
    _alexnet 2>/dev/null # compopt has no line to work on
    printf '[%s]\n' "${COMPREPLY[*]}"
done
