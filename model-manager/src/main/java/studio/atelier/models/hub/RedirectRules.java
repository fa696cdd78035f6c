package studio.atelier.models.hub;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which redirects one request may follow. A hub sends its visitors to other hosts for the bytes; it must not be able to
 * send them into the visitor's own network, or from an encrypted connection to a plain one.
 */
final class RedirectRules {
    private static final int MOST_HOPS = 10;

    private enum Reach {
        PUBLIC,
        PRIVATE,
        LOCAL,
        LINK
    }

    private final HubSettings settings;
    private final Set<URI> seen = new HashSet<>();

    RedirectRules(HubSettings settings, URI first) {
        this.settings = settings;
        seen.add(first);
    }

    /**
     * Where a {@code Location} leads.
     *
     * @param from the address that answered
     */
    URI follow(URI from, String location) throws HubException {
        URI target;
        try {
            target = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw refused(from, "to something that is no address");
        }
        String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http")) || target.getHost() == null) {
            throw refused(from, "to " + FileNames.shown(scheme + ":") + ", not to a web address");
        }
        if (scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme())) {
            throw refused(from, "from an encrypted connection to a plain one");
        }
        if (target.getRawUserInfo() != null) {
            throw refused(from, "to an address with a user's name in it");
        }
        if (!seen.add(target)) {
            throw refused(from, "in a circle");
        }
        if (seen.size() > MOST_HOPS + 1) {
            throw refused(from, "more than " + MOST_HOPS + " times");
        }
        if (!settings.isEndpoint(target)) {
            checkReach(from, target);
        }
        return target;
    }

    private void checkReach(URI from, URI target) throws HubException {
        Reach reach = reach(target.getHost());
        if (reach != Reach.PUBLIC && reach != reach(settings.endpoint().getHost())) {
            throw refused(from, "to " + target.getHost() + ", an address inside a private network");
        }
    }

    private static Reach reach(String host) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            // Behind a proxy only the proxy can look names up; without one the request itself fails.
            return Reach.PUBLIC;
        }
        Reach widest = Reach.PUBLIC;
        for (InetAddress address : addresses) {
            Reach reach = reach(address);
            widest = reach.compareTo(widest) > 0 ? reach : widest;
        }
        return widest;
    }

    private static Reach reach(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
        boolean carrier = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xC0) == 64;
        if (address.isLinkLocalAddress() || address.isMulticastAddress()) {
            return Reach.LINK;
        }
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return Reach.LOCAL;
        }
        return address.isSiteLocalAddress() || uniqueLocal || carrier ? Reach.PRIVATE : Reach.PUBLIC;
    }

    private static HubException refused(URI from, String where) {
        return HubException.lasting(
                HubException.Reason.REDIRECT_REFUSED,
                from.getHost() + " redirects " + where + "; this was refused. Choose another source in the settings.");
    }
}
