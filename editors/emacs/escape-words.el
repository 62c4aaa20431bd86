;;; escape-words.el --- Words of Escape plans -*- lexical-binding: t -*-

;;; Commentary:

;; Code generated from the tables of the language by cmd/internal/gen. DO NOT EDIT.

;;; Code:

(defconst escape-words-fields
  '("name"
    "version"
    "description"
    "license"
    "logo"
    "extends"
    "depends"
    "consumes"
    "build_consumes"
    "deploy_consumes"
    "provides"
    "inputs"
    "build_inputs"
    "deploy_inputs"
    "outputs"
    "build_outputs"
    "deploy_outputs"
    "metadata"
    "includes"
    "generates"
    "errands"
    "downloads"
    "templates"
    "build_templates"
    "deploy_templates"
    "pre_build"
    "build"
    "post_build"
    "test"
    "pre_deploy"
    "deploy"
    "post_deploy"
    "smoke"
    "pre_destroy"
    "destroy"
    "post_destroy"
    "activate_provider"
    "deactivate_provider")
  "List of the fields of a plan.")

(defconst escape-words-blocks
  '("activate_provider"
    "build"
    "build_consumes"
    "build_input"
    "build_mapping"
    "build_output"
    "build_template"
    "consumes"
    "deactivate_provider"
    "depends"
    "deploy"
    "deploy_consumes"
    "deploy_input"
    "deploy_mapping"
    "deploy_output"
    "deploy_template"
    "destroy"
    "download"
    "errand"
    "extends"
    "input"
    "mapping"
    "metadata"
    "output"
    "post_build"
    "post_deploy"
    "post_destroy"
    "pre_build"
    "pre_deploy"
    "pre_destroy"
    "run"
    "smoke"
    "template"
    "test")
  "List of the blocks of a plan in HCL.")

(defconst escape-words-keys
  '("arch"
    "args"
    "build_mapping"
    "cmd"
    "consumes"
    "default"
    "deploy_mapping"
    "deployment_name"
    "description"
    "dest"
    "eval_before_dependencies"
    "file"
    "friendly"
    "id"
    "if_not_exists"
    "inline"
    "inputs"
    "items"
    "mapping"
    "name"
    "options"
    "overwrite"
    "platform"
    "release_id"
    "run"
    "scopes"
    "script"
    "sensitive"
    "skip_activate"
    "skip_deactivate"
    "target"
    "type"
    "unpack"
    "url"
    "variable"
    "visible"
    "as")
  "List of the keys of entries, and of blocks.")

(defconst escape-words-functions
  '("add"
    "and"
    "base64_decode"
    "base64_encode"
    "concat"
    "dir_exists"
    "env_lookup"
    "equals"
    "file_exists"
    "gt"
    "gte"
    "id"
    "join"
    "length"
    "list_index"
    "list_slice"
    "lower"
    "lt"
    "lte"
    "not"
    "or"
    "path_exists"
    "read_file"
    "replace"
    "split"
    "timestamp"
    "title"
    "track_major_version"
    "track_minor_version"
    "track_patch_version"
    "track_version"
    "trim"
    "upper")
  "List of the functions of Escape Script.")

(defconst escape-words-types
  '("string"
    "integer"
    "bool"
    "list"
    "version"
    "project"
    "deployment"
    "environment"
    "client")
  "List of the types of variables.")

(defconst escape-words-stages
  '("build"
    "deploy")
  "List of the stages.")

(defconst escape-words-shell-keys
  '("inline")
  "List of the keys whose text is a shell script.")

(provide 'escape-words)

;;; escape-words.el ends here
