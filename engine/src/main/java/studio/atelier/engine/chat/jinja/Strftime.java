package studio.atelier.engine.chat.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** C's {@code strftime} for the local time, in English; the flags {@code - _ 0 ^} of glibc are known. */
final class Strftime {
    private final LocalDateTime time;
    private final long epochSecond;

    private Strftime(Clock clock) {
        this.time = LocalDateTime.now(clock);
        this.epochSecond = time.atZone(clock.getZone()).toEpochSecond();
    }

    static String format(String format, Clock clock, Budget budget) {
        var strftime = new Strftime(clock);
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            int start = i++;
            char flag = format.charAt(i);
            boolean flagged = "-_0^#".indexOf(flag) >= 0 && i + 1 < format.length();
            if (flagged) {
                i++;
            }
            String text = strftime.directive(format.charAt(i), flagged ? flag : ' ');
            out.append(text.isEmpty() && "zZ".indexOf(format.charAt(i)) < 0 ? format.substring(start, i + 1) : text);
        }
        return budget.made(out.toString());
    }

    private String directive(char directive, char flag) {
        return switch (directive) {
            case 'Y' -> String.valueOf(time.getYear());
            case 'C' -> number(time.getYear() / 100, 2, '0', flag);
            case 'y' -> number(time.getYear() % 100, 2, '0', flag);
            case 'm' -> number(time.getMonthValue(), 2, '0', flag);
            case 'd' -> number(time.getDayOfMonth(), 2, '0', flag);
            case 'e' -> number(time.getDayOfMonth(), 2, ' ', flag);
            case 'H' -> number(time.getHour(), 2, '0', flag);
            case 'k' -> number(time.getHour(), 2, ' ', flag);
            case 'I' -> number(hour12(), 2, '0', flag);
            case 'l' -> number(hour12(), 2, ' ', flag);
            case 'M' -> number(time.getMinute(), 2, '0', flag);
            case 'S' -> number(time.getSecond(), 2, '0', flag);
            case 'f' -> number(time.getNano() / 1000, 6, '0', flag);
            case 'j' -> number(time.getDayOfYear(), 3, '0', flag);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
            case 'U' -> number((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7, 2, '0', flag);
            case 'W' -> number((time.getDayOfYear() + 7 - time.getDayOfWeek().getValue()) / 7, 2, '0', flag);
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0', flag);
            case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0', flag);
            case 'a' -> cased(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), flag);
            case 'A' -> cased(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH), flag);
            case 'b', 'h' -> cased(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH), flag);
            case 'B' -> cased(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH), flag);
            case 'p' -> time.get(ChronoField.AMPM_OF_DAY) == 0 ? "AM" : "PM";
            case 'P' -> time.get(ChronoField.AMPM_OF_DAY) == 0 ? "am" : "pm";
            case 's' -> String.valueOf(epochSecond);
            case 'D', 'x' -> all('m', "/", 'd', "/", 'y');
            case 'F' -> all('Y', "-", 'm', "-", 'd');
            case 'T', 'X' -> all('H', ":", 'M', ":", 'S');
            case 'R' -> all('H', ":", 'M');
            case 'r' -> all('I', ":", 'M', ":", 'S', " ", 'p');
            case 'c' -> all('a', " ", 'b', " ", 'e', " ", 'T', " ", 'Y');
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "";
        };
    }

    private int hour12() {
        int hour = time.getHour() % 12;
        return hour == 0 ? 12 : hour;
    }

    private String all(Object... parts) {
        var out = new StringBuilder();
        for (Object part : parts) {
            out.append(part instanceof Character directive ? directive(directive, ' ') : part);
        }
        return out.toString();
    }

    private static String cased(String name, char flag) {
        return flag == '^' || flag == '#' ? Characters.upper(name) : name;
    }

    private static String number(int number, int width, char pad, char flag) {
        String digits = String.valueOf(number);
        char padding = flag == '_' ? ' ' : flag == '0' ? '0' : pad;
        return flag == '-' ? digits : String.valueOf(padding).repeat(Math.max(0, width - digits.length())) + digits;
    }
}
