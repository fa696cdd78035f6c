package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.chat.jinja.Statement.Branch;
import studio.atelier.engine.chat.jinja.Statement.Target;

/** Does what the statements of a template say. */
final class Interpreter {
    /** How a body ended. */
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Rendering rendering;
    private final Budget budget;
    private final Evaluator evaluator;
    private final Scope root;

    /** @param root the scope of the whole template, holding its variables */
    Interpreter(Rendering rendering, Scope root) {
        this.rendering = rendering;
        this.budget = rendering.budget();
        this.evaluator = new Evaluator(rendering);
        this.root = root;
    }

    Evaluator evaluator() {
        return evaluator;
    }

    String render(List<Statement> template) {
        var out = new StringBuilder();
        run(template, root, out);
        return out.toString();
    }

    /** The text that a body writes, as a value. */
    StringValue capture(List<Statement> body, Scope scope) {
        budget.enter();
        var text = new StringBuilder();
        run(body, scope, text);
        budget.leave();
        return rendering.caught(text);
    }

    private Flow run(List<Statement> body, Scope scope, StringBuilder out) {
        for (Statement statement : body) {
            budget.step();
            Flow flow = run(statement, scope, out);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Statement statement, Scope scope, StringBuilder out) {
        switch (statement) {
            case Statement.Text text -> budget.output(out, text.text());
            case Statement.Print print -> print(evaluator.evaluate(print.value(), scope), out);
            case Statement.Set set -> assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
            case Statement.SetBlock set -> setBlock(set, scope);
            case Statement.If branches -> {
                return run(chosen(branches, scope), scope, out);
            }
            case Statement.For loop -> loop(loop, evaluator.evaluate(loop.items(), scope), scope, out, 0);
            case Statement.Break end -> {
                return Flow.BREAK;
            }
            case Statement.Continue next -> {
                return Flow.CONTINUE;
            }
            case Statement.Macro macro ->
                scope.set(macro.name(), new MacroValue(macro.name(), macro.signature(), scope, this));
            case Statement.CallBlock block -> print(callBlock(block, scope), out);
            case Statement.FilterBlock block ->
                print(evaluator.filterBlock(block.filter(), capture(block.body(), scope.inner()), scope), out);
            case Statement.With with -> {
                return with(with, scope, out);
            }
            case Statement.Autoescape block -> {
                return autoescape(block, scope, out);
            }
            case Statement.Block block -> run(block.body(), root.inner(), out);
            case Statement.Generation block -> print(capture(block.body(), scope.inner()), out);
            case Statement.Load load ->
                throw JinjaException.type("no loader for this environment specified: a chat template can't '"
                        + load.tag() + "' another one");
        }
        return Flow.ON;
    }

    private void print(Value value, StringBuilder out) {
        budget.output(out, rendering.autoescape() ? Html.escape(value, budget) : rendering.str(value));
    }

    private List<Statement> chosen(Statement.If statement, Scope scope) {
        for (Branch branch : statement.branches()) {
            if (Truth.of(evaluator.evaluate(branch.test(), scope))) {
                return branch.body();
            }
        }
        return statement.otherwise();
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Statement.Variable variable -> scope.set(variable.name(), value);
            case Statement.Member member -> {
                if (!(scope.find(member.namespace()) instanceof NamespaceValue namespace)) {
                    throw JinjaException.runtime("cannot assign attribute on non-namespace object");
                }
                budget.make(1);
                namespace.attributes().put(member.attribute(), value);
            }
            case Statement.Unpacked unpacked -> unpack(unpacked.targets(), value, scope);
        }
    }

    private void unpack(List<Target> targets, Value value, Scope scope) {
        Iterator<Value> items = Iteration.over(value, budget);
        if (items == null) {
            throw JinjaException.type("cannot unpack non-iterable " + value.typeName() + " object");
        }
        int size = targets.size();
        var values = new ArrayList<Value>(size);
        while (values.size() < size && items.hasNext()) {
            values.add(items.next());
        }
        if (values.size() < size) {
            throw JinjaException.value(
                    "not enough values to unpack (expected " + size + ", got " + values.size() + ")");
        }
        if (items.hasNext()) {
            throw JinjaException.value("too many values to unpack (expected " + size + ")");
        }
        for (int i = 0; i < size; i++) {
            assign(targets.get(i), values.get(i), scope);
        }
    }

    private void setBlock(Statement.SetBlock set, Scope scope) {
        Value text = capture(set.body(), scope.inner());
        assign(set.target(), set.filter() == null ? text : evaluator.filterBlock(set.filter(), text, scope), scope);
    }

    private void loop(Statement.For loop, Value items, Scope scope, StringBuilder out, int depth) {
        LoopValue.Recursion recursion = loop.recursive() ? (inner, level) -> recurse(loop, inner, scope, level) : null;
        Value source = loop.test() == null ? items : filtered(loop.target(), loop.test(), items, scope);
        var state = new LoopValue(source, recursion, depth, budget);
        boolean finishedOne = false;
        for (Value item = state.advance(); item != null; item = state.advance()) {
            budget.step();
            Scope inside = scope.inner();
            assign(loop.target(), item, inside);
            inside.set("loop", state);
            Flow flow = run(loop.body(), inside, out);
            if (flow == Flow.BREAK) {
                break;
            }
            // Jinja takes only an iteration that came to its end for one.
            finishedOne |= flow == Flow.ON;
        }
        if (!finishedOne && !loop.otherwise().isEmpty()) {
            run(loop.otherwise(), scope.inner(), out);
        }
    }

    private Value recurse(Statement.For loop, Value items, Scope scope, int depth) {
        budget.enter();
        var text = new StringBuilder();
        loop(loop, items, scope, text, depth);
        budget.leave();
        return rendering.caught(text);
    }

    /** The items that pass a loop's own test, tested one by one as the loop gets to them. */
    private Value filtered(Target target, Expression test, Value items, Scope scope) {
        Iterator<Value> all = Iteration.of(items, budget);
        return GeneratorValue.of(new LazyIterator(() -> {
            while (all.hasNext()) {
                budget.step();
                Value item = all.next();
                Scope inside = scope.inner();
                assign(target, item, inside);
                if (Truth.of(evaluator.evaluate(test, inside))) {
                    return item;
                }
            }
            return null;
        }));
    }

    private Value callBlock(Statement.CallBlock block, Scope scope) {
        var caller = new MacroValue(null, block.caller(), scope, this);
        return evaluator.call(block.call(), new Arguments(List.of(), Map.of("caller", caller)), scope);
    }

    private Flow with(Statement.With with, Scope scope, StringBuilder out) {
        Scope inside = scope.inner();
        for (int i = 0; i < with.targets().size(); i++) {
            assign(with.targets().get(i), evaluator.evaluate(with.values().get(i), scope), inside);
        }
        return run(with.body(), inside, out);
    }

    private Flow autoescape(Statement.Autoescape block, Scope scope, StringBuilder out) {
        boolean before = rendering.autoescape();
        rendering.autoescape(Truth.of(evaluator.evaluate(block.on(), scope)));
        Flow flow = run(block.body(), scope.inner(), out);
        rendering.autoescape(before);
        return flow;
    }
}
