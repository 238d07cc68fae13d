import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.connect.FrameworkUtilHelper;

/** Tells the framework which bundle a class belongs to: by the jar it came from, as all share one class path. */
public final class BundleOfClass implements FrameworkUtilHelper {
    private static final Map<String, Bundle> BUNDLES = new ConcurrentHashMap<>();

    static void learn(Bundle bundle) {
        BUNDLES.put(bundle.getLocation().replaceFirst("^jar:file:", "").replaceFirst("!/$", ""), bundle);
    }

    @Override
    public Optional<Bundle> getBundle(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        return source == null ? Optional.empty() : Optional.ofNullable(BUNDLES.get(source.getLocation().getPath()));
    }
}
