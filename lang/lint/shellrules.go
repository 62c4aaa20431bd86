package lint

import "escape.build/escape/lang/diag"

// inScripts are the rules about scripts.
var inScripts = []Rule{
	{Code: diag.NoShebang, Category: Shell, Check: noShebang},
	{Code: diag.NotExecutable, Category: Shell, Off: true, Check: notExecutable},
	{Code: diag.NoErrexit, Category: Shell, Check: noErrexit},
	{Code: diag.NoNounset, Category: Shell, Off: true, Check: noNounset},
	{Code: diag.NoPipefail, Category: Shell, Off: true, Check: noPipefail},
	{Code: diag.UnquotedInput, Category: Shell, Check: unquoted},
	{Code: diag.UnguardedRemove, Category: Shell, Check: unguardedRemove},
	{Code: diag.UncheckedCd, Category: Shell, Check: uncheckedCd},
	{Code: diag.ListedFiles, Category: Shell, Check: listedFiles},
	{Code: diag.CarriageReturns, Category: Shell, Check: carriageReturns},
	{Code: diag.Bashism, Category: Shell, Check: bashisms},
	{Code: diag.CurlWithoutFail, Category: Shell, Check: curlWithoutFail},
	{Code: diag.Backticks, Category: Style, Check: backticks},
	{Code: diag.ReadWithoutR, Category: Shell, Check: readWithoutR},
	{Code: diag.Which, Category: Shell, Off: true, Check: which},
	{Code: diag.Sudo, Category: Shell, Check: sudo},
	{Code: diag.PipeToShell, Category: Security, Check: pipeToShell},
	{Code: diag.WorldWritable, Category: Security, Check: worldWritable},
	{Code: diag.TraceSecret, Category: Security, Check: traceSecret},
	{Code: diag.EvalInput, Category: Security, Check: evalInput},
	{Code: diag.EchoSecret, Category: Security, Check: echoSecret},
	{Code: diag.SecretArgument, Category: Security, Check: secretArgument},
	{Code: diag.HTTPDownload, Category: Security, Check: httpDownload},
	{Code: diag.InsecureTLS, Category: Security, Check: insecureTLS},
	{Code: diag.FixedTempFile, Category: Security, Check: fixedTempFile},
	{Code: diag.SecretLiteral, Category: Security, Check: secretLiteral},
	{Code: diag.UnpinnedImage, Category: Reproducibility, Check: unpinnedImage},
	{Code: diag.UnpinnedPackage, Category: Reproducibility, Check: unpinnedPackage},
	{Code: diag.UnpinnedSystemPackage, Category: Reproducibility, Off: true, Check: unpinnedSystemPackage},
	{Code: diag.UnpinnedClone, Category: Reproducibility, Check: unpinnedClone},
}
