//! Starts the language server of Escape for Zed.

use zed_extension_api as zed;

struct Escape;

impl zed::Extension for Escape {
    fn new() -> Self {
        Escape
    }

    fn language_server_command(
        &mut self,
        _server: &zed::LanguageServerId,
        worktree: &zed::Worktree,
    ) -> zed::Result<zed::Command> {
        let command = worktree
            .which("escape")
            .ok_or_else(|| "there is no program \"escape\" in $PATH".to_string())?;
        Ok(zed::Command {
            command,
            args: vec!["lsp".to_string()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Escape);
