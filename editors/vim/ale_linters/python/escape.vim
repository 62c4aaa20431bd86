call escape#ale#define('python', 'python')
