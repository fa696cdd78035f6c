package studio.atelier.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import studio.atelier.assets.Assets;

/** A call of a command, taken apart: {@code --name value}, {@code --name=value}, and the rest in order. */
final class Arguments {
    private final Command command;
    private final Map<String, List<String>> options = new LinkedHashMap<>();
    private final List<String> rest = new ArrayList<>();

    private Arguments(Command command) {
        this.command = command;
    }

    /** Takes the words behind the command's name apart. */
    static Arguments of(Command command, List<String> words) throws UsageException {
        Arguments arguments = new Arguments(command);
        int at = 0;
        while (at < words.size()) {
            String word = words.get(at++);
            if (word.equals("--")) {
                arguments.rest.addAll(words.subList(at, words.size()));
                break;
            }
            if (!word.startsWith("--")) {
                arguments.rest.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String name = word.substring(2, equals < 0 ? word.length() : equals);
            Option option = arguments.option(name);
            if (!option.takesValue()) {
                if (equals >= 0) {
                    throw new UsageException("--" + name + " takes no value, got \"" + word + "\".");
                }
                arguments.add(option, "");
            } else if (equals >= 0) {
                arguments.add(option, word.substring(equals + 1));
            } else if (at < words.size()) {
                arguments.add(option, words.get(at++));
            } else {
                throw new UsageException(
                        "--" + name + " needs a value: " + option.spelled() + " (" + option.help() + ").");
            }
        }
        arguments.checkCount();
        return arguments;
    }

    private Option option(String name) throws UsageException {
        for (Option option : command.options()) {
            if (option.name().equals(name)) {
                return option;
            }
        }
        throw new UsageException(call() + " has no option --" + name + "; " + Assets.command() + " help "
                + command.name() + " lists those it has.");
    }

    private void add(Option option, String value) throws UsageException {
        List<String> values = options.computeIfAbsent(option.name(), _ -> new ArrayList<>());
        if (!values.isEmpty() && !option.repeated()) {
            throw new UsageException("--" + option.name() + " was given twice; give it once.");
        }
        values.add(value);
    }

    private void checkCount() throws UsageException {
        if (rest.size() > command.mostArguments()) {
            throw new UsageException(call() + " takes "
                    + (command.mostArguments() == 0 ? "no argument" : "at most " + command.mostArguments())
                    + " besides its options, got " + rest.size() + ", the last \"" + rest.getLast()
                    + "\"; put texts with spaces into quotes.");
        }
    }

    /** The argument at this place, options not counted. */
    Optional<String> at(int index) {
        return index < rest.size() ? Optional.of(rest.get(index)) : Optional.empty();
    }

    /** The argument at this place, which must be there; {@code what} is what the help calls it. */
    String required(int index, String what) throws UsageException {
        return at(index).orElseThrow(() -> needs(what));
    }

    private UsageException needs(String what) {
        return new UsageException(call() + " needs " + what + ": " + call() + " " + command.usage() + ".");
    }

    /** How people call this command. */
    private String call() {
        return Assets.command() + " " + command.name();
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    Optional<String> text(String option) {
        return Optional.ofNullable(options.get(option)).map(List::getFirst);
    }

    /** An option that must be there. */
    String requiredText(String option) throws UsageException {
        return text(option).orElseThrow(() -> needs("--" + option));
    }

    /** All values of an option that may be repeated. */
    List<String> texts(String option) {
        return List.copyOf(options.getOrDefault(option, List.of()));
    }

    OptionalInt integer(String option, int least, int most) throws UsageException {
        OptionalLong value = whole(option, least, most);
        return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
    }

    OptionalLong whole(String option, long least, long most) throws UsageException {
        Optional<Long> value = parsed(
                option,
                Long::parseLong,
                number -> number >= least && number <= most,
                "a whole number from " + least + " to " + most);
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    Optional<Double> number(String option) throws UsageException {
        return parsed(option, Double::parseDouble, Double::isFinite, "a number");
    }

    /** An option as a number; {@code expected} says which are taken. */
    private <N extends Number> Optional<N> parsed(
            String option, Function<String, N> read, Predicate<N> taken, String expected) throws UsageException {
        Optional<String> text = text(option);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            N value = read.apply(text.get().strip());
            if (taken.test(value)) {
                return Optional.of(value);
            }
        } catch (NumberFormatException e) {
            // Said below, together with what would have been a number.
        }
        throw new UsageException("--" + option + ": expected " + expected + ", got \"" + text.get() + "\".");
    }
}
