package studio.atelier.models.help;

import java.util.ArrayList;
import java.util.Comparator;
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
    private static final double RARITY_POWER = 0.8;
    private static final double COVERAGE_SHARE = 0.6;

    /** What a slip of the pen costs: "downlod" still finds "download". */
    private static final double MISSPELT = 0.8;

    private record Wording(Map<String, Double> terms, double mass) {}

    private record Entry(HelpSection section, Map<String, Double> strength, List<Wording> wordings) {}

    /**
     * A section and how well it fits.
     *
     * @param score 0 to 1
     * @param known how much of the question's information lies in words that stand anywhere on the pages, 0 to 1
     */
    record Match(HelpSection section, double score, double known) {}

    private final HelpTerms terms;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Double> rarity = new HashMap<>();
    private final Set<String> spelt = new TreeSet<>();
    private final double unknownRarity;

    HelpIndex(List<HelpSection> sections, HelpTerms terms) {
        this.terms = terms;
        List<Map<String, Double>> strengths = new ArrayList<>();
        Map<String, Integer> sectionsWith = new HashMap<>();
        for (HelpSection section : sections) {
            Map<String, Double> strength = strength(section);
            strengths.add(strength);
            strength.keySet().forEach(term -> sectionsWith.merge(term, 1, Integer::sum));
        }
        sectionsWith.forEach((term, count) -> rarity.put(term, rarity(count, sections.size())));
        unknownRarity = rarity(1, sections.size());
        for (int i = 0; i < sections.size(); i++) {
            entries.add(new Entry(sections.get(i), strengths.get(i), wordings(sections.get(i))));
        }
        for (String term : rarity.keySet()) {
            if (isLatin(term) && term.length() > 3) {
                spelt.add(term);
            }
        }
    }

    private Map<String, Double> strength(HelpSection section) {
        Map<String, Double> counts = new HashMap<>();
        add(terms.of(section.title()), TITLE_WEIGHT, counts);
        add(terms.of(section.text()), TEXT_WEIGHT, counts);
        section.wordings().forEach(wording -> add(terms.of(wording), WORDING_WEIGHT, counts));
        Map<String, Double> strength = new HashMap<>();
        counts.forEach((term, count) -> strength.put(term, count / (count + DAMPING)));
        return strength;
    }

    private List<Wording> wordings(HelpSection section) {
        List<Wording> wordings = new ArrayList<>();
        wordings.add(wording(section.title()));
        section.wordings().forEach(text -> wordings.add(wording(text)));
        return wordings;
    }

    private Wording wording(String text) {
        Map<String, Double> found = terms.of(text);
        return new Wording(found, mass(found));
    }

    private static void add(Map<String, Double> found, double weight, Map<String, Double> counts) {
        found.keySet().forEach(term -> counts.merge(term, weight, Double::sum));
    }

    private static double rarity(int sectionsWith, int sections) {
        return Math.pow(Math.log(1 + (sections - sectionsWith + 0.5) / (sectionsWith + 0.5)), RARITY_POWER);
    }

    /** The sections that fit best, best first; of equal ones the first on the pages. */
    List<Match> ranked(String question, int limit) {
        Map<String, Double> asked = corrected(terms.of(question));
        double askedMass = mass(asked);
        double known = known(asked);
        List<Match> matches = new ArrayList<>();
        for (Entry entry : entries) {
            double covered = coverage(asked, askedMass, entry);
            if (covered > 0) {
                double score = COVERAGE_SHARE * covered + (1 - COVERAGE_SHARE) * nearest(asked, askedMass, entry);
                matches.add(new Match(entry.section, score, known));
            }
        }
        matches.sort(Comparator.comparingDouble(Match::score).reversed());
        return List.copyOf(matches.subList(0, Math.min(limit, matches.size())));
    }

    private double known(Map<String, Double> asked) {
        double known = 0;
        double all = 0;
        for (Map.Entry<String, Double> term : asked.entrySet()) {
            double weight = HelpTerms.isPair(term.getKey()) ? 0 : term.getValue() * rarityOf(term.getKey());
            known += rarity.containsKey(term.getKey()) ? weight : 0;
            all += weight;
        }
        return all == 0 ? 0 : known / all;
    }

    private double coverage(Map<String, Double> asked, double askedMass, Entry entry) {
        double covered = 0;
        for (Map.Entry<String, Double> term : asked.entrySet()) {
            double strength = entry.strength.getOrDefault(term.getKey(), 0.0);
            covered += strength == 0 ? 0 : strength * term.getValue() * rarityOf(term.getKey());
        }
        return askedMass == 0 ? 0 : covered / askedMass;
    }

    private double nearest(Map<String, Double> asked, double askedMass, Entry entry) {
        double best = 0;
        for (Wording wording : entry.wordings) {
            double common = 0;
            for (String term : asked.keySet()) {
                Double weight = wording.terms.get(term);
                common += weight == null ? 0 : weight * rarityOf(term);
            }
            if (common > 0) {
                best = Math.max(best, 2 * common / (wording.mass + askedMass));
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
