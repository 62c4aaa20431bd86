call escape#ale#define('sh', 'shellscript')
