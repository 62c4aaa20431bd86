call escape#ale#define('escape-plan-hcl', 'escape-plan-hcl')
