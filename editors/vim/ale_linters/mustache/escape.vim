call escape#ale#define('mustache', 'mustache')
