;;; escape.el --- Modes for Escape plans -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages, tools

;;; Commentary:

;; `escape-plan-mode' is for plans in YAML (escape.yml, escape.yaml), `escape-plan-hcl-mode' for those in HCL (escape.hcl).  Eglot
;; starts the language server with M-x eglot, or by itself with
;;
;;   (add-hook 'escape-plan-mode-hook #'eglot-ensure)
;;   (add-hook 'escape-plan-hcl-mode-hook #'eglot-ensure)
;;
;; Without a language server, Flymake and Flycheck show what the linter finds.

;;; Code:

(require 'escape-words)
(require 'flymake)

(defgroup escape nil
  "Plans of Escape."
  :group 'languages)

(defcustom escape-program "escape"
  "Name or path of the program."
  :type 'string)

(defconst escape-plan-names '("escape.yml" "escape.yaml" "escape.hcl")
  "The names under which Escape looks for plans.")

;;;; Words

(defun escape--words (words)
  "Return an expression for one of WORDS, without word boundaries."
  (regexp-opt words t))

(defconst escape--name "[A-Za-z][A-Za-z0-9_-]*")

(defun escape--in-expression (regexp)
  "Return a matcher for REGEXP that wants an expression to begin before it."
  (lambda (limit)
    (let (found)
      (while (and (not found) (re-search-forward regexp limit t))
        (let ((data (match-data)))
          (setq found (save-excursion
                        (goto-char (match-beginning 0))
                        (re-search-backward "\\(?:^\\|[ \t\"'([{,]\\)\\$\\(?:__\\)?[A-Za-z]" (max (point-min) (- (point) 400)) t)))
          (set-match-data data)))
      found)))

(defconst escape--script-keywords
  `(("\\(\\$func\\)[ \t]*(" 1 font-lock-keyword-face t)
    (,(concat "\\(\\$__" escape--name "\\)(") 1 font-lock-function-name-face t)
    (,(concat "\\$__" (escape--words escape-words-functions) "(") 1 font-lock-builtin-face t)
    ("\\(\\$this\\)\\_>" 1 font-lock-constant-face t)
    (,(concat "\\(?:^\\|[ \t\"'([{,]\\)\\(\\$" escape--name "\\)") 1 font-lock-variable-name-face keep)
    (,(escape--in-expression (concat "\\." (escape--words escape-words-functions) "(")) 1 font-lock-builtin-face t))
  "What is the same in expressions of both notations.")

(defconst escape-plan-font-lock-keywords
  (append
   `((,(concat "^[\"']?" (escape--words escape-words-fields) "[\"']?[ \t]*:\\(?:[ \t]\\|$\\)") 1 font-lock-keyword-face t)
     (,(concat "^\\(?:[ \t]+\\|[ \t]*\\(?:-[ \t]+\\)+\\)[\"']?" (escape--words escape-words-keys) "[\"']?[ \t]*:\\(?:[ \t]\\|$\\)")
      1 font-lock-type-face t)
     (,(concat "\\_<type[ \t]*:[ \t]+\\(list\\[" (escape--words escape-words-types) "\\]\\|" (escape--words escape-words-types) "\\)[ \t]*\\(?:#\\|$\\)")
      1 font-lock-type-face)
     (,(concat "^[ \t]*-[ \t]+[^ \t\n#\"']+[ \t]+\\(as\\)[ \t]+\\(" escape--name "\\)[ \t]*\\(?:#\\|$\\)")
      (1 font-lock-keyword-face t) (2 font-lock-variable-name-face t)))
   escape--script-keywords)
  "Words of plans in YAML.")

(defconst escape-plan-hcl-font-lock-keywords
  (append
   `((,(concat "^" (escape--words escape-words-fields) "[ \t]*=") 1 font-lock-keyword-face)
     (,(concat "\\(?:^\\|[{}]\\)[ \t]*" (escape--words escape-words-blocks) "\\(?:[ \t]+\\(?:\"[^\"\n]*\"\\|" escape--name "\\)\\)?[ \t]*{") 1 font-lock-keyword-face)
     (,(concat "\\_<" (escape--words escape-words-keys) "[ \t]*=") 1 font-lock-type-face)
     (,(concat "\\_<type[ \t]*=[ \t]*\\(?:list(\\)?" (escape--words escape-words-types) "\\_>") 1 font-lock-type-face)
     (,(concat "\\_<\\(?:__\\)?" (escape--words escape-words-functions) "(") 1 font-lock-builtin-face)
     ("\\_<\\(script\\)(" 1 font-lock-keyword-face)
     ("\\_<\\(true\\|false\\|null\\|this\\)\\_>" 1 font-lock-constant-face)
     (,(concat "\\_<\\(" escape--name "\\)\\.") 1 font-lock-variable-name-face))
   escape--script-keywords)
  "Words of plans in HCL.")

;;;; Modes

(defun escape--yaml-mode ()
  "Return the best mode for YAML that is there."
  (cond ((and (fboundp 'yaml-ts-mode) (fboundp 'treesit-ready-p) (treesit-ready-p 'yaml t)) 'yaml-ts-mode)
        ((or (fboundp 'yaml-mode) (require 'yaml-mode nil t)) 'yaml-mode)
        (t 'conf-unix-mode)))

(defun escape--common ()
  "Set up what both modes have."
  (setq-local indent-tabs-mode nil
              tab-width 2
              comment-start "# "
              comment-start-skip "#+[ \t]*")
  (add-hook 'flymake-diagnostic-functions #'escape-flymake nil t))

(defvar escape-plan-mode-hook nil
  "Hook of `escape-plan-mode'.")

(defvar escape-plan-mode-map (make-sparse-keymap)
  "Keys of `escape-plan-mode'.")

;;;###autoload
(defun escape-plan-mode ()
  "Major mode for Escape plans in YAML.
It does what `yaml-ts-mode' or `yaml-mode' does, if there is one."
  (interactive)
  ;; `define-derived-mode' wants to know the parent when this file is compiled.
  (let ((parent (escape--yaml-mode)))
    (delay-mode-hooks (funcall parent))
    (put 'escape-plan-mode 'derived-mode-parent parent))
  (set-keymap-parent escape-plan-mode-map (current-local-map))
  (use-local-map escape-plan-mode-map)
  (setq major-mode 'escape-plan-mode
        mode-name "Escape")
  (escape--common)
  (font-lock-add-keywords nil escape-plan-font-lock-keywords 'append)
  (run-mode-hooks 'escape-plan-mode-hook))

(defvar escape-plan-hcl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?/ ". 124" table)
    (modify-syntax-entry ?* ". 23b" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?- "_" table)
    (modify-syntax-entry ?$ "." table)
    table)
  "Syntax of plans in HCL.")

(defun escape-plan-hcl-indent-line ()
  "Indent a line by how many brackets are open above it."
  (interactive)
  (let* ((depth (save-excursion
                  (back-to-indentation)
                  (let ((open (car (syntax-ppss))))
                    (if (looking-at "[]})]") (1- open) open))))
         (column (* 2 (max 0 depth))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;###autoload
(define-derived-mode escape-plan-hcl-mode prog-mode "Escape HCL"
  "Major mode for Escape plans in HCL."
  :group 'escape
  (escape--common)
  (setq-local indent-line-function #'escape-plan-hcl-indent-line
              font-lock-defaults '(escape-plan-hcl-font-lock-keywords)))

;;;###autoload
(progn
  (add-to-list 'auto-mode-alist '("/escape\\.ya?ml\\'" . escape-plan-mode))
  (add-to-list 'auto-mode-alist '("/escape\\.hcl\\'" . escape-plan-hcl-mode)))

;;;; The language server

(defun escape--contact (&optional _interactive)
  "Return how Eglot starts the server."
  (list escape-program "lsp"))

;; Old versions of Eglot know one language for each entry.
(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((escape-plan-mode :language-id "escape-plan") . escape--contact))
  (add-to-list 'eglot-server-programs '((escape-plan-hcl-mode :language-id "escape-plan-hcl") . escape--contact)))

(defun escape--managed-p ()
  "Return non-nil if a language server looks after the buffer."
  (or (bound-and-true-p eglot--managed-mode) (bound-and-true-p lsp-mode)))

;;;; The linter

(defconst escape--finding "^\\(.+\\):\\([0-9]+\\):\\([0-9]+\\): \\(error\\|warning\\|advice\\): \\(.*\\)$"
  "A line of `escape lint --format oneline'.")

(defvar-local escape--process nil
  "The linter that runs for the buffer.")

(defun escape-flymake (report &rest _)
  "Backend of Flymake: lint the text of the buffer and call REPORT.
It says nothing while a language server looks after the buffer."
  (when (process-live-p escape--process)
    (kill-process escape--process))
  (cond
   ((escape--managed-p) (funcall report nil))
   ((not (executable-find escape-program)) (error "There is no program \"%s\"" escape-program))
   (t
    (let ((source (current-buffer))
          (name (or buffer-file-name "escape.yml")))
      (setq escape--process
            (make-process
             :name "escape-flymake" :noquery t :connection-type 'pipe
             :buffer (generate-new-buffer " *escape-flymake*")
             :command (list escape-program "lint" "--quiet" "--format" "oneline" "--stdin-name" name "-")
             :sentinel
             (lambda (process _event)
               (when (memq (process-status process) '(exit signal))
                 (unwind-protect
                     (when (and (buffer-live-p source) (eq process (buffer-local-value 'escape--process source)))
                       (funcall report (escape--diagnostics source (process-buffer process))))
                   (kill-buffer (process-buffer process)))))))
      (save-restriction
        (widen)
        (process-send-region escape--process (point-min) (point-max))
        (process-send-eof escape--process))))))

(defun escape--diagnostics (source output)
  "Return the diagnostics for the buffer SOURCE that OUTPUT lists."
  (with-current-buffer output
    (goto-char (point-min))
    (let (found)
      (while (re-search-forward escape--finding nil t)
        (let* ((level (match-string 4))
               (text (match-string 5))
               (region (flymake-diag-region source (string-to-number (match-string 2)) (string-to-number (match-string 3)))))
          (push (flymake-make-diagnostic source (car region) (cdr region)
                                         (pcase level ("error" :error) ("warning" :warning) (_ :note))
                                         text)
                found)))
      (nreverse found))))

(defvar flycheck-checkers)
(declare-function flycheck-define-command-checker "flycheck")
(with-eval-after-load 'flycheck
  (flycheck-define-command-checker 'escape
    "The linter of Escape."
    :command '("escape" "lint" "--quiet" "--format" "oneline" "--stdin-name" source-original "-")
    :standard-input t
    :error-patterns
    '((error line-start (file-name) ":" line ":" column ": error: " (message) line-end)
      (warning line-start (file-name) ":" line ":" column ": warning: " (message) line-end)
      (info line-start (file-name) ":" line ":" column ": advice: " (message) line-end))
    :modes '(escape-plan-mode escape-plan-hcl-mode)
    :predicate (lambda () (not (escape--managed-p))))
  (add-to-list 'flycheck-checkers 'escape))

(provide 'escape)

;;; escape.el ends here
