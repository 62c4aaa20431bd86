package grammars

import (
	"encoding/xml"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

// Kate needs a mode of its own to know plans from other YAML. These modes colour words and expressions line by line.

func kateYAML() string {
	return kate(planLanguages()[0], `
      <context name="Line" attribute="Text" lineEndContext="#stay">
        <RegExpr attribute="Error" context="#stay" String="^(&lt;{7}|={7}|&gt;{7}|\|{7})( .*)?$" column="0"/>
        <RegExpr attribute="Comment" context="Comment" String="(^|\s)#"/>
        <RegExpr attribute="Field" context="#stay" String="@FIELDS@(?=\s*:(\s|$))" column="0"/>
        <RegExpr attribute="Type" context="#stay" String="(list\[)?@TYPES@\]?(?=\s*($|#))"/>
        <RegExpr attribute="Constant" context="#stay" String="\b@STAGES@(?=\s*($|[,\]#]))"/>
        <RegExpr attribute="Key" context="#stay" String="\b@KEYS@(?=\s*:(\s|$))"/>
        <RegExpr attribute="Property" context="#stay" String="[A-Za-z0-9_.-]+(?=\s*:(\s|$))"/>
        <RegExpr attribute="Constant" context="#stay" String="\b(true|false|null)(?=\s*($|[,\]}#]))"/>
        <RegExpr attribute="Number" context="#stay" String="\b[0-9]+(\.[0-9]+)?(?=\s*($|[,\]}#]))"/>
        <RegExpr attribute="Text" context="Script" String="@EXPRESSION@" lookAhead="true"/>
        <RegExpr attribute="Text" context="#stay" String="[A-Za-z0-9_]+"/>
        <DetectChar attribute="Escape" context="#stay" char="|"/>
      </context>`, `
        <RegExpr attribute="String" context="#stay" String="&quot;[^&quot;]*&quot;"/>`)
}

func kateHCL() string {
	return kate(planLanguages()[1], `
      <context name="Line" attribute="Text" lineEndContext="#stay">
        <RegExpr attribute="Error" context="#stay" String="^(&lt;{7}|={7}|&gt;{7}|\|{7})( .*)?$" column="0"/>
        <RegExpr attribute="Comment" context="Comment" String="#|//"/>
        <Detect2Chars attribute="Comment" context="Block comment" char="/" char1="*"/>
        <DetectChar attribute="String" context="String" char="&quot;"/>
        <RegExpr attribute="Field" context="#stay" String="@FIELDS@(?=\s*=)" column="0"/>
        <RegExpr attribute="Field" context="#stay" String="\b@BLOCKS@(?=\s+(&quot;[^&quot;]*&quot;\s*|[A-Za-z_][\w-]*\s*)?\{)"/>
        <RegExpr attribute="Key" context="#stay" String="\b@HCLKEYS@(?=\s*=)"/>
        <RegExpr attribute="Property" context="#stay" String="\b[A-Za-z_][\w-]*(?=\s*=)"/>
        <RegExpr attribute="Function" context="#stay" String="\b(script|(__)?@FUNCTIONS@)(?=\()"/>
        <RegExpr attribute="Variable" context="#stay" String="\b[A-Za-z][\w-]*(?=\.)"/>
        <RegExpr attribute="Property" context="#stay" String="\.[A-Za-z][\w-]*"/>
        <RegExpr attribute="Type" context="#stay" String="\b@TYPES@\b"/>
        <RegExpr attribute="Constant" context="#stay" String="\b(true|false|null)\b"/>
        <RegExpr attribute="Number" context="#stay" String="\b[0-9]+(\.[0-9]+)?\b"/>
        <RegExpr attribute="Text" context="#stay" String="[A-Za-z0-9_]+"/>
      </context>
      <context name="String" attribute="String" lineEndContext="#pop">
        <RegExpr attribute="Text" context="Script" String="@EXPRESSION@" lookAhead="true"/>
        <RegExpr attribute="Escape" context="#stay" String="\\.|\$\$\{"/>
        <RegExpr attribute="Escape" context="Template" String="\$\{"/>
        <DetectChar attribute="String" context="#pop" char="&quot;"/>
      </context>
      <context name="Template" attribute="Text" lineEndContext="#pop">
        <DetectChar attribute="Escape" context="#pop" char="}"/>
        <IncludeRules context="Line"/>
      </context>
      <context name="Block comment" attribute="Comment" lineEndContext="#stay">
        <Detect2Chars attribute="Comment" context="#pop" char="*" char1="/"/>
      </context>`, "")
}

// kate returns a mode with contexts; bare are the rules for strings of an expression that no quotes are around.
func kate(l language, contexts, bare string) string {
	contexts += `
      <context name="Comment" attribute="Comment" lineEndContext="#pop"/>
      <context name="Script" attribute="Text" lineEndContext="#pop" fallthroughContext="#pop">
        <RegExpr attribute="Function" context="#stay" String="\$(func\b|__@NAME@)"/>
        <RegExpr attribute="Function" context="#stay" String="\.(@FUNCTIONS@)(?=\()"/>
        <RegExpr attribute="Variable" context="#stay" String="\$@NAME@"/>
        <RegExpr attribute="Property" context="#stay" String="\.@NAME@"/>
        <RegExpr attribute="String" context="#stay" String="\\&quot;[^&quot;\\]*\\&quot;"/>` + bare + `
        <RegExpr attribute="Number" context="#stay" String="-?[0-9]+"/>
        <RegExpr attribute="Text" context="#stay" String="[(),:{}\[\] ]+"/>
      </context>`
	words := strings.NewReplacer("@FIELDS@", alternatives(plan.FieldNames()), "@BLOCKS@", alternatives(blocks()), "@KEYS@", alternatives(keys()),
		"@HCLKEYS@", alternatives(keys(), []string{alias}), "@FUNCTIONS@", alternatives(builtin.Names()), "@TYPES@", alternatives(types.KnownVars()),
		"@STAGES@", alternatives(stages()), "@NAME@", name, "@EXPRESSION@", expression)
	var title strings.Builder
	if err := xml.EscapeText(&title, []byte(l.Name)); err != nil {
		panic(err) // a Builder takes everything
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE language>
<!-- ` + generated + ` -->
<language name="` + title.String() + `" section="Configuration" version="1" kateversion="5.79" extensions="` + strings.Join(l.FileNames, ";") + `" priority="10" mimetype="" license="Apache-2.0">
  <highlighting>
    <contexts>` + words.Replace(contexts) + `
    </contexts>
    <itemDatas>
      <itemData name="Text" defStyleNum="dsNormal"/>
      <itemData name="Field" defStyleNum="dsKeyword"/>
      <itemData name="Key" defStyleNum="dsAttribute"/>
      <itemData name="Property" defStyleNum="dsOthers"/>
      <itemData name="Type" defStyleNum="dsDataType"/>
      <itemData name="Constant" defStyleNum="dsConstant"/>
      <itemData name="Number" defStyleNum="dsDecVal"/>
      <itemData name="String" defStyleNum="dsString"/>
      <itemData name="Escape" defStyleNum="dsSpecialChar"/>
      <itemData name="Function" defStyleNum="dsFunction"/>
      <itemData name="Variable" defStyleNum="dsVariable"/>
      <itemData name="Comment" defStyleNum="dsComment"/>
      <itemData name="Error" defStyleNum="dsError"/>
    </itemDatas>
  </highlighting>
  <general>
    <comments>
      <comment name="singleLine" start="#" position="afterwhitespace"/>
    </comments>
    <keywords casesensitive="1"/>
  </general>
</language>
`
}
