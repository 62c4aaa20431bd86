package convert_test
import ("testing";"os";"fmt";"escape.build/escape/lang/convert";"escape.build/escape/lang/source";"escape.build/escape/lang/syntax";"escape.build/escape/lang/diag")
func TestProbe(t *testing.T){
 f:=os.Getenv("PROBE"); if f=="" {t.Skip()}
 b,_:=os.ReadFile(f)
 src:=source.NewFile(f,string(b))
 to:=syntax.HCL
 if syntax.NotationOf(f)==syntax.HCL {to=syntax.YAML}
 for i:=0;i<3;i++ {
 text,l,err:=convert.To(src,to)
 fmt.Println(text); if l.HasErrors(){fmt.Println(diag.Sprint(l))}; if err!=nil {fmt.Println("ERR",err);return}
 name:="escape.hcl"; if to==syntax.YAML {name="escape.yml"}
 src=source.NewFile(name,text)
 if to==syntax.HCL {to=syntax.YAML} else {to=syntax.HCL}
 fmt.Println("=======")
 }
}
