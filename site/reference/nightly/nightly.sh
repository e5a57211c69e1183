#!/bin/sh
# The steps of a night, for any machine that has a clone of the workspace and nothing else. The workflow files call them in this order:
#
#   nightly.sh run        read, account, publish into reports/ (exit codes 0 and 1 go on, all others stop the night: the old site stays)
#   nightly.sh keep       commit data/ledger and push it; until it is pushed nothing is deployed and nothing is sent
#   nightly.sh deploy     put the site on the branch that is served, in one step
#   nightly.sh send       hand the notices to the mail server, each once
#   nightly.sh verdict    end with 0, or with 1 or 6 where somebody should look
#
# and beside the night:
#
#   nightly.sh check                   what a change of data/ would do, as Markdown in reports/night/check.md
#   nightly.sh close PERIOD NAME       close a month and publish; then keep and deploy as above
#
# All of them run in the workspace, the folder with certledger.toml. Settings, all optional, by environment:
#   CERTLEDGER   the command                                          (certledger)
#   SITE         what is deployed: site-public, or site where the host lets only the office in   (site-public)
#   PAGES        the branch that is served                            (gh-pages)
#   REMOTE       where both branches are                              (origin)
#   AS_OF        the day, where it is not today                       (none)
set -eu

CERTLEDGER=${CERTLEDGER:-certledger}
SITE=${SITE:-site-public}
PAGES=${PAGES:-gh-pages}
REMOTE=${REMOTE:-origin}
NIGHT=reports/night
HERE=$(cd "$(dirname "$0")" && pwd)

[ -f certledger.toml ] || { echo "There is no certledger.toml here. Call this script in the workspace." >&2; exit 2; }
mkdir -p "$NIGHT"

# Run a command, keep what it says and its exit code, and go on.
said() {
    code=0
    "$@" > "$NIGHT/said" 2>&1 || code=$?
    cat "$NIGHT/said"
}

# What to do, in a sentence, by exit code: what the page "Running it every night" says at length.
advice() {
    case $1 in
    0) echo "Nothing." ;;
    1) echo "Published. Too many rows of a kind are quarantined: read data-quality.xlsx, and mend the export when there is time." ;;
    2) echo "Not published, the old site stays. Correct the settings or the call as said above, and start the job again." ;;
    3) echo "Not published, the old site stays. Mend or remove the file that is named, and start the job again." ;;
    4) echo "Not published, the old site stays. Put a closed month back as said above; else change nothing and report these lines." ;;
    5) echo "Not published, the old site stays. Mend what is named above, and start the job again." ;;
    6) echo "Published. Some notices are unsent: mend what is named above; what went is not sent twice." ;;
    75) echo "Another run is under way. Wait for it to end, and start the job again." ;;
    *) echo "Report these lines." ;;
    esac
}

# The summary of a step: its lines as code, for they come from data, and what to do. Shown on the page of the job where there is one.
summary() {
    {
        printf '## %s: exit code %s\n\n' "$1" "$2"
        sed 's/^/    /' "$NIGHT/said"
        printf '\n**What to do.** %s\n\n' "$(advice "$2")"
    } > "$NIGHT/part.md"
    cat "$NIGHT/part.md" >> "$NIGHT/summary.md"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$NIGHT/part.md" >> "$GITHUB_STEP_SUMMARY"; fi
}

warn() {
    echo "$2" > "$NIGHT/verdict"
    if [ -n "${GITHUB_ACTIONS:-}" ]; then echo "::warning title=$1::$(advice "$2")"; fi
}

# What is published and may go out: the site, and beside it the workbooks for the job's attachments.
hand_out() {
    [ -d "reports/latest/$SITE" ] || {
        echo "There is no $SITE to deploy: name its profile in [publish] profiles of certledger.toml, or set SITE." >&2
        exit 2
    }
    rm -rf "$NIGHT/public" "$NIGHT/workbooks"
    cp -RL "reports/latest/$SITE" "$NIGHT/public"
    mkdir -p "$NIGHT/workbooks"
    for part in invoices finance; do
        if [ -d "reports/latest/$part" ]; then cp -RL "reports/latest/$part" "$NIGHT/workbooks/$part"; fi
    done
    for book in reports/latest/*.xlsx reports/latest/manifest.json; do
        if [ -f "$book" ]; then cp -L "$book" "$NIGHT/workbooks/"; fi
    done
}

published() { # TITLE CODE
    summary "$1" "$2"
    case $2 in
    0) ;;
    1) warn "$1" 1 ;;
    *) exit "$2" ;;
    esac
    hand_out
}

keep() {
    git add -- data/ledger
    if git diff --cached --quiet -- data/ledger; then
        echo "data/ledger is as it was: nothing to commit."
    else
        git commit --quiet -m "${1:-The ledger after the run of $(date -u +%Y-%m-%d)}" -- data/ledger
    fi
    # Whoever changed data/ meanwhile keeps their change; the next night reads it.
    for try in 1 2 3; do
        if git push --quiet "$REMOTE" HEAD:"$(git rev-parse --abbrev-ref HEAD)"; then return 0; fi
        echo "The push was refused (try $try); taking over what was pushed meanwhile." >&2
        git pull --quiet --rebase "$REMOTE" "$(git rev-parse --abbrev-ref HEAD)" || break
    done
    git rebase --abort 2> /dev/null || true
    echo "data/ledger could not be pushed, so nothing is deployed and nothing is sent. The old site stays." >&2
    exit 5
}

# One commit without history, and one push: who looks at the branch sees the old site or the new one.
deploy() {
    [ -d "$NIGHT/public" ] || { echo "There is nothing to deploy: nightly.sh run comes first." >&2; exit 2; }
    touch "$NIGHT/public/.nojekyll"
    index=$(pwd)/$NIGHT/index
    rm -f "$index"
    GIT_INDEX_FILE=$index git --work-tree="$NIGHT/public" add --all --force .
    tree=$(GIT_INDEX_FILE=$index git write-tree)
    commit=$(git commit-tree -m "Site of $(git rev-parse --short HEAD)" "$tree")
    git push --quiet --force "$REMOTE" "$commit:refs/heads/$PAGES" || {
        echo "The site could not be pushed to $PAGES. The old site stays; the next night tries again." >&2
        exit 5
    }
    echo "Deployed to $PAGES."
}

case ${1:-} in
run)
    rm -rf "$NIGHT"
    mkdir -p "$NIGHT"
    said $CERTLEDGER run ${AS_OF:+--as-of "$AS_OF"}
    published "Run" "$code"
    ;;
close)
    rm -rf "$NIGHT"
    mkdir -p "$NIGHT"
    said $CERTLEDGER close "$2" --by "$3" ${AS_OF:+--as-of "$AS_OF"}
    # A month that was closed stays closed, whatever became of publishing: it is kept before anything else.
    if [ -d "data/ledger/$2" ]; then keep "Closed $2, by $3"; fi
    published "Close of $2" "$code"
    ;;
check)
    said $CERTLEDGER check --markdown "$NIGHT/check.md" ${AS_OF:+--as-of "$AS_OF"}
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$NIGHT/check.md" ]; then cat "$NIGHT/check.md" >> "$GITHUB_STEP_SUMMARY"; fi
    if [ "$code" -gt 1 ]; then exit "$code"; fi
    ;;
keep) keep ;;
deploy) deploy ;;
send)
    # The journal is pushed when it says what is about to be sent, and again when it says what went: a machine that is lost between the
    # two has told the next one. Without the first push nothing goes out.
    said $CERTLEDGER notices --send --before-send "sh '$HERE/nightly.sh' keep"
    keep "The journal of notices"
    summary "Notices" "$code"
    case $code in
    0) ;;
    6) warn "Notices" 6 ;;
    *) exit "$code" ;;
    esac
    ;;
verdict) exit "$(cat "$NIGHT/verdict" 2> /dev/null || echo 0)" ;;
*)
    sed -n '2,22p' "$0" >&2
    exit 2
    ;;
esac
