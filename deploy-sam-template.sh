#!/usr/bin/env bash
# Deploys Shelvery with the SAM CLI; see docs/deploying.md. Written for bash 3.2, which macOS has.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
this_version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json")"
stack="${SHELVERY_STACK_NAME:-shelvery}"
# Nothing outside of this folder is ever deleted.
work="$root/.aws-sam/deploy"

usage() {
  cat <<USAGE
Usage:
  ./deploy-sam-template.sh -b my-s3-bucket -r us-west-2     # deploy this version in the us-west-2 region
  ./deploy-sam-template.sh -b my-s3-bucket -l true -p true  # package and deploy the current git branch

Options:
  -b BUCKET                     # S3 bucket of this account for the package, in the region to deploy to
  [-v VERSION]                  # version to deploy (built from the git tag vVERSION); default: $this_version
  [-r REGION]                   # region to deploy to; default: that of the environment or the AWS profile
  [-p true]                     # also package the current branch as ./dist/shelvery-\${VERSION}.tar.gz; with '-l true' deploy it
  [-l true]                     # deploy the package ./dist/shelvery-\${VERSION}.tar.gz instead of building
  [-o KEY1=VALUE1,KEY2=VALUE2]  # parameters of the stack, as key=value pairs separated by commas;
                                # values may have commas, spaces and equals signs
                                # e.g. -o ShelveryRdsBackupMode=RDS_CREATE_SNAPSHOT,ShelveryDrRegions=us-east-1,us-east-2
  [-u UID]                      # has no effect; accepted because older scripts use it
  help                          # show this help

Environment:
  SHELVERY_STACK_NAME           # name of the stack; default: shelvery
USAGE
}

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
misused() {
  printf '%s\nSee ./deploy-sam-template.sh help.\n' "$*" >&2
  exit 2
}

boolean() { # option value
  case "$2" in
    true | false) ;;
    *) misused "-$1 takes true or false, not '$2'." ;;
  esac
}

# Splits KEY=VALUE,KEY=VALUE at the commas that a key and an equals sign follow; other commas belong to the value.
split_overrides() {
  local rest="$1," part
  pairs=()
  while [ -n "$rest" ]; do
    part="${rest%%,*}"
    rest="${rest#*,}"
    if [[ "$part" =~ ^[[:space:]]*[A-Za-z][A-Za-z0-9]*= ]]; then
      pairs+=("${part#"${part%%[![:space:]]*}"}")
    elif [ "${#pairs[@]}" -eq 0 ]; then
      misused "-o takes KEY=VALUE pairs separated by commas, and '$part' is not one."
    else
      pairs[${#pairs[@]} - 1]="${pairs[${#pairs[@]} - 1]},$part"
    fi
  done
}

# Puts each pair into sam's own form, in which the value is quoted.
quote_overrides() { # names of the template's parameters
  local names="$1" pair key value
  overrides=()
  for pair in ${pairs[@]+"${pairs[@]}"}; do
    key="${pair%%=*}"
    value="${pair#*=}"
    if [ "$key" = S3BackupSchedule ]; then
      say "Note: S3BackupSchedule never had an effect and is left out." >&2
      continue
    fi
    case $'\n'"$names"$'\n' in
      *$'\n'"$key"$'\n'*) ;;
      *) fail "$key is not a parameter of the template. Its parameters are:"$'\n'"$names" ;;
    esac
    value="${value//\"/\\\"}"
    overrides+=("$key=\"$value\"")
  done
}

# The template that is going to be deployed.
template() {
  if [ "$from_package" = true ] && [ "$package" = false ]; then
    tar -xzOf "$archive" template.yaml
  elif [ "$version" != "$this_version" ]; then
    git -C "$root" show "v$version:template.yaml"
  else
    cat "$root/template.yaml"
  fi
}

parameter_names() {
  awk '/^Parameters:/ { inside = 1; next } /^[A-Za-z]/ { inside = 0 } inside && /^  [A-Za-z0-9]+:$/ { gsub(/[ :]/, ""); print }'
}

build() { # folder of a checkout
  (
    cd "$1"
    if [ ! -d node_modules ]; then npm ci; fi
    npm run --silent build
  )
}

if [ "${1:-}" = help ] || [ "${1:-}" = --help ]; then
  usage
  exit 0
fi

bucket='' version="$this_version" region="${AWS_REGION:-${AWS_DEFAULT_REGION:-}}" package=false from_package=false given_overrides=''
while getopts ':b:v:r:p:l:o:u:' option; do
  case "$option" in
    b) bucket="$OPTARG" ;;
    v) version="${OPTARG#v}" ;;
    r) region="$OPTARG" ;;
    p) boolean p "$OPTARG" && package="$OPTARG" ;;
    l) boolean l "$OPTARG" && from_package="$OPTARG" ;;
    o) given_overrides="$OPTARG" ;;
    u) say 'Note: -u has no effect: Docker is not used.' >&2 ;;
    :) misused "-$OPTARG needs a value." ;;
    *) misused "There is no option -$OPTARG." ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || misused "'$1' is not understood. A value with spaces must be quoted."
[ -n "$bucket" ] || misused 'The bucket for the package is missing: name one with -b.'
[ "$package" = false ] || [ "$version" = "$this_version" ] || misused "-p packages the current branch, which is version $this_version, not $version."
# The template makes names from the stack's. The longest is a schedule's, which may have 64 characters.
[ "${#stack}" -le 45 ] || misused "The stack's name '$stack' has ${#stack} characters; at most 45 are allowed."

pairs=()
if [ -n "$given_overrides" ]; then split_overrides "$given_overrides"; fi

# Everything is checked before anything is made.
command -v sam >/dev/null || fail 'The AWS SAM CLI (sam) is not installed: see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html.'
if ! command -v node >/dev/null; then
  say 'Shelvery needs Node.js 22 or newer, and there is none here: install one from https://nodejs.org.' >&2
  exit 2
fi
node_version="$(node -p process.versions.node)"
if [ "${node_version%%.*}" -lt 22 ]; then
  say "Shelvery needs Node.js 22 or newer, and this is Node.js $node_version: install a newer one from https://nodejs.org." >&2
  exit 2
fi
[ -d "$root/node_modules/@aws-sdk/client-cloudformation" ] || fail "The packages are not installed: run 'npm ci' in $root."
archive="$root/dist/shelvery-$version.tar.gz"
if [ "$from_package" = true ]; then
  [ "$package" = true ] || [ -f "$archive" ] || fail "There is no $archive: make it with -p true."
elif [ "$version" != "$this_version" ]; then
  git -C "$root" rev-parse --quiet --verify "refs/tags/v$version" >/dev/null 2>&1 ||
    fail "There is no git tag v$version here: fetch the tags (git fetch --tags), or leave out -v to deploy version $this_version."
fi
quote_overrides "$(template | parameter_names)"
found="$(node "$root/scripts/check-deployment.mjs" "$stack" "$bucket" "$region" ${pairs[@]+"${pairs[@]}"})" || exit 1
region="${found% *}"
say "Deploying Shelvery $version as the stack $stack in $region of account ${found#* }"

rm -rf "$work"
mkdir -p "$work"

if [ "$package" = true ]; then
  say 'Building and packaging the current branch'
  build "$root"
  tar -czf "$archive" -C "$root" template.yaml template-dr-region.yaml README.md LICENSE dist/layer dist/functions
fi
if [ "$from_package" = true ]; then
  source="$work/package"
  mkdir "$source"
  tar -xzf "$archive" -C "$source"
elif [ "$version" != "$this_version" ]; then
  say "Building version $version"
  source="$work/v$version"
  mkdir "$source"
  git -C "$root" archive "v$version" | tar -xf - -C "$source"
  build "$source"
else
  source="$root"
  if [ "$package" = false ]; then
    say 'Building'
    build "$root"
  fi
fi

# 'sam delete' removes all that is under a stack's prefix: each stack has its own.
prefix="cloudformation/shelvery/$stack"
export SAM_CLI_TELEMETRY="${SAM_CLI_TELEMETRY:-0}"
cd "$source"
say 'Packaging the template'
sam package --region "$region" --template-file template.yaml \
  --s3-bucket "$bucket" --s3-prefix "$prefix" --output-template-file "$work/packaged-template.yaml"

say "Creating or updating the stack $stack"
set -- --region "$region" --template-file "$work/packaged-template.yaml" --stack-name "$stack" \
  --s3-bucket "$bucket" --s3-prefix "$prefix" --capabilities CAPABILITY_IAM \
  --no-confirm-changeset --no-fail-on-empty-changeset
if [ "${#overrides[@]}" -gt 0 ]; then set -- "$@" --parameter-overrides "${overrides[@]}"; fi
sam deploy "$@"
