package dev.walnut.internal.platform;

/** The contract on the JDK's channels. */
class JavaDiskTest extends DiskContract {
  @Override
  Disk newDisk() {
    return Disks.java();
  }
}
