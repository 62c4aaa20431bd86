" Code generated from the tables of the language by cmd/internal/gen. DO NOT EDIT.

" Returns the fields of a plan.
function! escape#words#fields() abort
  return split('name version description license logo extends depends consumes build_consumes deploy_consumes provides inputs build_inputs deploy_inputs outputs build_outputs deploy_outputs metadata includes generates errands downloads templates build_templates deploy_templates pre_build build post_build test pre_deploy deploy post_deploy smoke pre_destroy destroy post_destroy activate_provider deactivate_provider')
endfunction

" Returns the blocks of a plan in HCL.
function! escape#words#blocks() abort
  return split('activate_provider build build_consumes build_input build_mapping build_output build_template consumes deactivate_provider depends deploy deploy_consumes deploy_input deploy_mapping deploy_output deploy_template destroy download errand extends input mapping metadata output post_build post_deploy post_destroy pre_build pre_deploy pre_destroy run smoke template test')
endfunction

" Returns the keys of entries, and of blocks.
function! escape#words#keys() abort
  return split('arch args build_mapping cmd consumes default deploy_mapping deployment_name description dest eval_before_dependencies file friendly id if_not_exists inline inputs items mapping name options overwrite platform release_id run scopes script sensitive skip_activate skip_deactivate target type unpack url variable visible as')
endfunction

" Returns the functions of Escape Script.
function! escape#words#functions() abort
  return split('add and base64_decode base64_encode concat dir_exists env_lookup equals file_exists gt gte id join length list_index list_slice lower lt lte not or path_exists read_file replace split timestamp title track_major_version track_minor_version track_patch_version track_version trim upper')
endfunction

" Returns the types of variables.
function! escape#words#types() abort
  return split('string integer bool list version project deployment environment client')
endfunction

" Returns the stages.
function! escape#words#stages() abort
  return split('build deploy')
endfunction

" Returns the keys whose text is a shell script.
function! escape#words#shell_keys() abort
  return split('inline')
endfunction
