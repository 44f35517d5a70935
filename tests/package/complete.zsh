# complete.zsh FOLDER LINE... - each line as a zsh on a terminal completes it, "[alexnet convert ]";
# FOLDER holds _alexnet.
zmodload zsh/zpty
folder=$1
shift
zpty z zsh -f -i
zpty -w z "PS1=; unsetopt zle_bracketed_paste prompt_sp; fpath=($folder \$fpath)
autoload -Uz compinit; compinit -u -D; bindkey '^I' expand-or-complete
show() { print -r -- \"[\$BUFFER]\"; BUFFER=; zle accept-line }; zle -N show; bindkey '^X' show
print rea''dy"
zpty -r z text '*ready*'
for line; do
    zpty -wn z "$line"$'\t\x18'
    zpty -r z text '*\[*\]*'
    print -r -- "[${${text##*\[}%%\]*}]"
done
zpty -d z
