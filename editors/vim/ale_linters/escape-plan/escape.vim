call escape#ale#define('escape-plan', 'escape-plan')
