package studio.atelier.models.help;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares a question with every section of one language. Two views make the score: how much of the question's
 * information the section's title, wordings and text explain (term frequencies damped as in BM25, each term weighted by
 * how rare it is among the sections), and how close the question comes to the nearest single wording.
 */
final class HelpIndex {
    private static final double TITLE_WEIGHT = 2.0;
    private static final double WORDING_WEIGHT = 1.0;
    private static final double TEXT_WEIGHT = 0.4;
    private static final double DAMPING = 0.5;
    private static final double COVERAGE_SHARE = 0.5;

    /** What a slip of the pen costs: "downlod" still finds "download". */
    private static final double MISSPELT = 0.8;

    private record Entry(HelpSection section, Map<String, Double> strength, List<Map<String, Double>> wordings) {}

    /** A section and how well it fits, 0 to 1. */
    record Match(HelpSection section, double score) {}

    private final HelpTerms terms;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Double> rarity = new HashMap<>();
    private final Set<String> spelt = new TreeSet<>();
    private final double unknownRarity;

    HelpIndex(List<HelpSection> sections, HelpTerms terms) {
        this.terms = terms;
        Map<String, Integer> sectionsWith = new HashMap<>();
        for (HelpSection section : sections) {
            Entry entry = entry(section);
            entries.add(entry);
            entry.strength.keySet().forEach(term -> sectionsWith.merge(term, 1, Integer::sum));
        }
        sectionsWith.forEach((term, count) -> rarity.put(term, rarity(count)));
        unknownRarity = rarity(1);
        for (String term : rarity.keySet()) {
            if (isLatin(term) && term.length() > 3) {
                spelt.add(term);
            }
        }
    }

    private Entry entry(HelpSection section) {
        Map<String, Double> counts = new HashMap<>();
        List<Map<String, Double>> wordings = new ArrayList<>();
        add(terms.of(section.title()), TITLE_WEIGHT, counts);
        wordings.add(terms.of(section.title()));
        add(terms.of(section.text()), TEXT_WEIGHT, counts);
        for (String wording : section.wordings()) {
            Map<String, Double> asked = terms.of(wording);
            add(asked, WORDING_WEIGHT, counts);
            wordings.add(asked);
        }
        Map<String, Double> strength = new HashMap<>();
        counts.forEach((term, count) -> strength.put(term, count / (count + DAMPING)));
        return new Entry(section, strength, wordings);
    }

    private static void add(Map<String, Double> found, double weight, Map<String, Double> counts) {
        found.keySet().forEach(term -> counts.merge(term, weight, Double::sum));
    }

    private double rarity(int sectionsWith) {
        return Math.log(1 + (entries.size() - sectionsWith + 0.5) / (sectionsWith + 0.5));
    }

    /** The section that fits best; of equal ones the first on the pages. */
    Optional<Match> best(String question) {
        Map<String, Double> asked = corrected(terms.of(question));
        Match best = null;
        for (Entry entry : entries) {
            double score = COVERAGE_SHARE * coverage(asked, entry) + (1 - COVERAGE_SHARE) * nearest(asked, entry);
            if (score > 0 && (best == null || score > best.score)) {
                best = new Match(entry.section, score);
            }
        }
        return Optional.ofNullable(best);
    }

    private double coverage(Map<String, Double> asked, Entry entry) {
        double covered = 0;
        double all = 0;
        for (Map.Entry<String, Double> term : asked.entrySet()) {
            double weight = term.getValue() * rarityOf(term.getKey());
            covered += weight * entry.strength.getOrDefault(term.getKey(), 0.0);
            all += weight;
        }
        return all == 0 ? 0 : covered / all;
    }

    private double nearest(Map<String, Double> asked, Entry entry) {
        double best = 0;
        for (Map<String, Double> wording : entry.wordings) {
            double common = 0;
            double all = 0;
            for (Map.Entry<String, Double> term : wording.entrySet()) {
                double weight = term.getValue() * rarityOf(term.getKey());
                all += weight;
                common += asked.containsKey(term.getKey()) ? weight : 0;
            }
            if (common > 0) {
                best = Math.max(best, 2 * common / (all + mass(asked)));
            }
        }
        return best;
    }

    private double mass(Map<String, Double> asked) {
        double sum = 0;
        for (Map.Entry<String, Double> term : asked.entrySet()) {
            sum += term.getValue() * rarityOf(term.getKey());
        }
        return sum;
    }

    private double rarityOf(String term) {
        return rarity.getOrDefault(term, unknownRarity);
    }

    /** The question's terms, misspelt ones replaced by the known term that is one letter away. */
    private Map<String, Double> corrected(Map<String, Double> asked) {
        Map<String, Double> corrected = new HashMap<>();
        asked.forEach((term, weight) -> {
            boolean strange = !rarity.containsKey(term) && isLatin(term) && term.length() > 4;
            Optional<String> meant = strange ? oneLetterAway(term) : Optional.empty();
            corrected.merge(meant.orElse(term), meant.isPresent() ? weight * MISSPELT : weight, Math::max);
        });
        return corrected;
    }

    private Optional<String> oneLetterAway(String term) {
        return spelt.stream().filter(known -> isOneLetterAway(term, known)).findFirst();
    }

    /** Whether one letter was changed, left out, added, or two neighbours changed places. */
    static boolean isOneLetterAway(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 1) {
            return false;
        }
        int start = 0;
        while (start < Math.min(a.length(), b.length()) && a.charAt(start) == b.charAt(start)) {
            start++;
        }
        String restA = a.substring(start);
        String restB = b.substring(start);
        if (restA.length() != restB.length()) {
            String longer = restA.length() > restB.length() ? restA : restB;
            String shorter = restA.length() > restB.length() ? restB : restA;
            return longer.substring(1).equals(shorter);
        }
        boolean changed = !restA.isEmpty() && restA.substring(1).equals(restB.substring(1));
        boolean swapped = restA.length() > 1
                && restA.charAt(0) == restB.charAt(1)
                && restA.charAt(1) == restB.charAt(0)
                && restA.substring(2).equals(restB.substring(2));
        return changed || swapped;
    }

    private static boolean isLatin(String term) {
        return new HashSet<>(term.chars().boxed().toList()).stream().allMatch(c -> c >= 'a' && c <= 'z');
    }
}
