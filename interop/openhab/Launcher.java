import java.util.ArrayList;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.felix.connect.launch.BundleDescriptor;
import org.apache.felix.connect.launch.ClasspathScanner;
import org.apache.felix.connect.launch.PojoServiceRegistry;
import org.apache.felix.connect.launch.PojoServiceRegistryFactory;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.cm.ConfigurationAdmin;

/** Starts openHAB's bundles from one class path, with the services that they are made of. */
final class Launcher {
    private final BundleContext context;

    private Launcher(BundleContext context) {
        this.context = context;
    }

    /** The core with its files, then everything else of openHAB on the class path. */
    static Launcher start() throws Exception {
        var factory = ServiceLoader.load(PojoServiceRegistryFactory.class).iterator().next();
        var registry = factory.newPojoServiceRegistry(new HashMap<>());
        registry.getBundleContext().addBundleListener((SynchronousBundleListener) event -> {
            if (event.getType() == BundleEvent.STARTING) {
                BundleOfClass.learn(event.getBundle());
            }
        });
        var launcher = new Launcher(registry.getBundleContext());
        var all = new ClasspathScanner().scanForBundles();
        registry.startBundles(chosen(all, "org.apache.felix.configadmin"));
        launcher.configure("org.openhab.folder", Map.of("things", "things", "items", "items"));
        registry.startBundles(chosen(all, "org.apache.felix.eventadmin", "org.apache.felix.scr"));
        registry.startBundles(chosen(all, "org.openhab.core", "org.openhab.transform"));
        registry.startBundles(chosen(all, "org.openhab.binding.mqtt", "org.openhab.binding.homie"));
        Thread.ofPlatform().daemon().start(() -> startSlowly(registry, chosen(all, "org.openhab.binding.homeassistant")));
        return launcher;
    }

    /** Its Python takes half a minute to begin; the others need not wait for it. */
    private static void startSlowly(PojoServiceRegistry registry, List<BundleDescriptor> bundles) {
        try {
            registry.startBundles(bundles);
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    /** Waits for a service for half a minute. */
    <T> T service(Class<T> type) throws InterruptedException {
        for (var i = 0; i < 300; i++) {
            var reference = context.getServiceReference(type);
            var service = reference == null ? null : context.getService(reference);
            if (service != null) {
                return service;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("openHAB has no " + type.getName());
    }

    private void configure(String pid, Map<String, String> settings) throws Exception {
        Dictionary<String, Object> table = new Hashtable<>(settings);
        service(ConfigurationAdmin.class).getConfiguration(pid, null).update(table);
    }

    private static List<BundleDescriptor> chosen(List<BundleDescriptor> all, String... prefixes) {
        var found = new ArrayList<BundleDescriptor>();
        for (var prefix : prefixes) {
            all.stream().filter(one -> name(one).startsWith(prefix)).sorted(Comparator.comparing(Launcher::name))
                    .forEach(found::add);
        }
        return found;
    }

    private static String name(BundleDescriptor bundle) {
        var name = bundle.getHeaders().get("Bundle-SymbolicName");
        return name == null ? "" : name.replaceFirst(";.*", "");
    }
}
