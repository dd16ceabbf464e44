package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.junit.jupiter.api.Test;

/** What JMX shows of a log on real files, whichever body is below. */
abstract class WalMXBeanContract extends LogContract {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  private Set<ObjectName> registered() throws Exception {
    return server.queryNames(new ObjectName("dev.walnut:type=Wal,*"), null);
  }

  @Test
  void log_notAskedTo_isNotRegistered() throws Exception {
    try (Wal wal = open(database())) {
      assertThat(wal.config().registersMBean()).isFalse();
      assertThat(registered()).isEmpty();
    }
  }

  @Test
  void log_askedTo_isRegisteredUntilClosed() throws Exception {
    Wal wal = open(database().registerMBean(true));
    assertThat(registered())
        .containsExactly(
            new ObjectName(
                "dev.walnut:type=Wal,dir="
                    + ObjectName.quote(dir().toAbsolutePath().toString())
                    + ",prefix=\"segment_\""));

    wal.close();
    wal.close();

    assertThat(registered()).isEmpty();
  }

  @Test
  void attributes_areThoseOfTheStats() throws Exception {
    try (Wal wal = open(unique().registerMBean(true))) {
      for (int i = 0; i < 25; i++) {
        wal.append(bytes("value"));
      }
      wal.appendWithSync(bytes("value"));
      ObjectName name = registered().iterator().next();
      WalMXBean bean = JMX.newMXBeanProxy(server, name, WalMXBean.class);

      assertThat(bean.getBackend()).isEqualTo(wal.stats().backend());
      assertThat(bean.isFailed()).isFalse();
      assertThat(bean.getFailure()).isEmpty();
      assertThat(bean.getFirstIndex()).isEqualTo(1);
      assertThat(bean.getLastIndex()).isEqualTo(26);
      assertThat(bean.getDurableIndex()).isEqualTo(26);
      assertThat(bean.getEntries()).isEqualTo(26);
      assertThat(bean.getBatches()).isEqualTo(26);
      assertThat(bean.getSegments()).isEqualTo(3);
      assertThat(bean.getRotations()).isEqualTo(2);
      assertThat(bean.getLogBytes()).isBetween(1L, wal.stats().logBytes());
      assertThat(bean.getMaxSyncNanos()).isEqualTo(wal.stats().syncTimes().maxNanos());
      assertThat(bean.getOpenNanos()).isEqualTo(wal.stats().openNanos()).isPositive();
      // Every attribute can be read, as a console reads them.
      String[] attributes =
          Arrays.stream(server.getMBeanInfo(name).getAttributes())
              .map(MBeanAttributeInfo::getName)
              .toArray(String[]::new);
      assertThat(attributes).hasSize(WalMXBean.class.getMethods().length);
      assertThat(server.getAttributes(name, attributes)).hasSameSizeAs(attributes);
    }
  }

  @Test
  void logs_sideBySide_haveNamesOfTheirOwn_alsoStrangeOnes() throws Exception {
    Path strange = base.resolve("a,b=\"c\"*?:d");
    try (Wal one = open(database().registerMBean(true));
        Wal other = open(database().prefix("other*\"_").registerMBean(true));
        Wal third = open(database(strange).registerMBean(true))) {
      assertThat(registered()).hasSize(3);
      one.append(bytes("x"));
      ObjectName name = WalBean.nameOf(third.config());

      assertThat(name.isPattern()).isFalse();
      assertThat(ObjectName.unquote(name.getKeyProperty("dir")))
          .isEqualTo(strange.toAbsolutePath().toString());
      assertThat(server.getAttribute(WalBean.nameOf(one.config()), "LastIndex")).isEqualTo(1L);
      assertThat(server.getAttribute(WalBean.nameOf(other.config()), "LastIndex")).isEqualTo(0L);
    }
    assertThat(registered()).isEmpty();
  }

  @Test
  void nameThatIsTaken_isAWarning_andTheOtherStays() throws Exception {
    WalConfig config = database().registerMBean(true).build();
    ObjectName name = WalBean.nameOf(config);
    server.registerMBean(new StandardMBean((Runnable) () -> {}, Runnable.class, false), name);
    try (LoggedWarnings warnings = new LoggedWarnings()) {
      try (Wal wal = Wal.open(config)) {
        assertThat(wal.append(bytes("x"))).isEqualTo(1);
        assertThat(warnings.messages())
            .containsExactly("WARNING open " + dir() + ": not shown by JMX");
      }
      assertThat(server.isRegistered(name)).isTrue();
    } finally {
      server.unregisterMBean(name);
    }
  }

  @Test
  void nameThatIsTaken_andAListenerOfTheLoggerThatThrows_doNotDisturbTheOpening() throws Exception {
    WalConfig config = database().registerMBean(true).build();
    ObjectName name = WalBean.nameOf(config);
    server.registerMBean(new StandardMBean((Runnable) () -> {}, Runnable.class, false), name);
    try (LoggedWarnings warnings = new LoggedWarnings(new IllegalStateException("a listener"));
        Wal wal = Wal.open(config)) {
      assertThat(warnings.messages()).hasSize(1);
      assertThat(wal.append(bytes("x"))).isEqualTo(1);
    } finally {
      server.unregisterMBean(name);
    }
  }

  @Test
  void beanTakenAwayByOthers_doesNotDisturbTheClosing() throws Exception {
    try (LoggedWarnings warnings = new LoggedWarnings()) {
      try (Wal wal = open(database().registerMBean(true))) {
        server.unregisterMBean(WalBean.nameOf(wal.config()));
      }
      assertThat(warnings.messages()).isEmpty();
    }
  }

  @Test
  void logThatDoesNotOpen_isNotRegistered() throws Exception {
    try (Wal wal = open(database())) {
      assertThat(wal.isEmpty()).isTrue();
      try (Wal second = open(database().registerMBean(true))) {
        throw new AssertionError("opened twice: " + second);
      } catch (IOException e) {
        assertThat(registered()).isEmpty();
      }
    }
  }
}
